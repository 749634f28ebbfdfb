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

export interface ChatEvents {
  /** docs-chat is on the page, and `window.docsChat` can be called. */
  ready: ChatEventPlace;
  opened: ChatEventPlace;
  closed: ChatEventPlace;
  /** A question was sent. */
  asked: ChatEventPlace & {
    /** Length of the question, in characters. */
    length: number;
    /** Whether it is about a text of the page. */
    quoted: boolean;
    /** Whether it is the first of its conversation. */
    first: boolean;
    /** Only with the option `eventTexts`. */
    question?: string;
  };
  /** An answer is complete, whoever wrote it. */
  answered: AnswerDetail;
  /** An answer is complete and says that the docs do not cover the question; `answered` comes before it. */
  "not-covered": AnswerDetail;
  /** An answer did not come, or not whole. */
  failed: ChatEventPlace & { stopped: boolean };
  /** A link of an answer, its sources or its passages was followed. */
  cited: ChatEventPlace & { uri: string };
  /** An answer was rated. */
  feedback: ChatEventPlace & { kind: "positive" | "negative"; reason: string };
  /** An answer, or code in one, was copied. */
  copied: ChatEventPlace & { what: "answer" | "code" | "link" | "page" };
}

export type ChatEventName = keyof ChatEvents;
