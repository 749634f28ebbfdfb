/** What happens in the chat, for the owner's analytics. Each is an event `docs-chat:{name}` of the document. */

/** What every event tells: where the reader was. No question, no answer, nothing about the reader. */
export interface ChatEventPlace {
  /** Site as the page names it; empty where the gateway finds it by the address. */
  site: string;
  /** Path of the page the reader is on. */
  path: string;
}

export interface AnswerDetail extends ChatEventPlace {
  /** Who wrote it: a language model, kept answers, quotations, or nobody as the docs do not cover it. */
  source: "model" | "cache" | "extractive" | "not_covered" | "small_talk" | "unknown";
  /** Sources named in the answer. */
  sources: number;
  /** From the question to the end of the answer, in milliseconds. */
  duration_ms: number;
  /** Only with the option `eventTexts`. */
  question?: string;
}

export interface AskedDetail extends ChatEventPlace {
  /** Length of the question, in characters. */
  length: number;
  /** Whether it is about a text of the page. */
  quoted: boolean;
  /** Whether it is the first of its conversation. */
  first: boolean;
  /** Only with the option `eventTexts`. */
  question?: string;
}

export interface FailedDetail extends ChatEventPlace {
  /** Whether the reader stopped it. */
  stopped: boolean;
}

export interface CitedDetail extends ChatEventPlace {
  /** Where the link leads. */
  uri: string;
}

export interface FeedbackDetail extends ChatEventPlace {
  /** Which thumb. */
  kind: "positive" | "negative";
  /** Why it did not help: `wrong`, `incomplete`, `outdated`, `off_topic` or `other`; empty until the reader says. */
  reason: string;
}

export interface CopiedDetail extends ChatEventPlace {
  /** An answer, code in one, the link to a conversation, or a page as Markdown. */
  what: "answer" | "code" | "link" | "page";
}

export interface ChatEvents {
  /** docs-chat is on the page, and `window.docsChat` can be called. */
  ready: ChatEventPlace;
  /** The chat was opened, by whatever means. */
  opened: ChatEventPlace;
  /** The chat was closed. */
  closed: ChatEventPlace;
  /** A question was sent. */
  asked: AskedDetail;
  /** An answer is complete, whoever wrote it. */
  answered: AnswerDetail;
  /** An answer is complete and says that the docs do not cover the question; `answered` comes before it. */
  "not-covered": AnswerDetail;
  /** An answer did not come, or not whole. */
  failed: FailedDetail;
  /** A link of an answer, its sources or its passages was followed. */
  cited: CitedDetail;
  /** An answer was rated; a second time when the reader says why it did not help. */
  feedback: FeedbackDetail;
  /** Something was copied. */
  copied: CopiedDetail;
}

export type ChatEventName = keyof ChatEvents;
