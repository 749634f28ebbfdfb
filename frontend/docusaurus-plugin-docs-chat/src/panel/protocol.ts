/**
 * The part of the ChatKit protocol that the panel speaks, as JSON on the wire.
 *
 * One endpoint, `POST {endpoint}/chatkit`; whether the answer is a stream of events or one object depends on the
 * request's `type` alone. Unknown events and items are ignored, so a newer gateway does not break an older panel.
 */

export interface UserInput {
  content: { type: "input_text"; text: string }[];
  attachments: string[];
  quoted_text: string;
  inference_options: Record<string, never>;
}

export type StreamingRequest =
  | { type: "threads.create"; params: { input: UserInput } }
  | { type: "threads.add_user_message"; params: { thread_id: string; input: UserInput } }
  | { type: "threads.retry_after_item"; params: { thread_id: string; item_id: string } };

export type JsonRequest =
  | { type: "threads.list"; params: { limit: number; order: "desc"; after?: string } }
  | { type: "threads.get_by_id"; params: { thread_id: string }; metadata: WantsTurns }
  | {
      type: "items.list";
      params: { thread_id: string; limit: number; order: "asc"; after?: string };
      metadata: WantsTurns;
    }
  | { type: "threads.update"; params: { thread_id: string; title: string } }
  | { type: "threads.delete"; params: { thread_id: string } }
  | { type: "items.feedback"; params: { thread_id: string; item_ids: string[]; kind: FeedbackKind } }
  | { type: "threads.sync_custom_action"; params: { thread_id: string; item_id: string; action: FeedbackAction } };

/** Says why an answer did not help; counts as a thumbs down. */
export interface FeedbackAction {
  type: "docs_chat.feedback";
  payload: { reason: FeedbackReason; text: string };
}

export type FeedbackReason = "wrong" | "incomplete" | "outdated" | "off_topic" | "other";

export type FeedbackKind = "positive" | "negative";

/** Asks for what was shown around the answers; other clients of the protocol do not, and are not told. */
export interface WantsTurns {
  "docs_chat.turns": true;
}

export interface Page<T> {
  data: T[];
  has_more: boolean;
  after?: string;
}

/** A page of items with what was shown around them; absent from gateways that do not keep it. */
export interface ItemPage extends Page<ThreadItem> {
  docs_chat?: ShownTurns;
}

export interface ShownTurns {
  /** By the id of the question. */
  turns: Record<string, ShownTurn>;
  /** The last thumb by the id of the answer. */
  thumbs: Record<string, FeedbackKind>;
}

/** What a turn showed besides question and answer. */
export interface ShownTurn {
  state: "done" | "stopped" | "failed";
  found?: PassagesFound;
  notices: { level: NoticeLevel; message: string; title?: string }[];
  facts?: AnswerFacts;
  suggestions: string[];
  failure?: { message: string; retryable: boolean };
}

export interface Thread {
  id: string;
  title?: string;
  created_at: string;
  items?: ItemPage;
}

/** Where an answer rests: `index` counts UTF-16 units of the text before the mark, as JavaScript strings do. */
export interface Annotation {
  type: "annotation";
  index?: number;
  source:
    | { type: "entity"; id: string; title: string; data?: Record<string, string> }
    | { type: "url"; url: string; title: string; description?: string }
    | { type: "file"; filename: string; title: string };
}

export interface AnswerPart {
  type: "output_text";
  text: string;
  annotations: Annotation[];
}

export interface UserMessage {
  type: "user_message";
  id: string;
  content: { type: string; text?: string }[];
  quoted_text?: string;
}

export interface AssistantMessage {
  type: "assistant_message";
  id: string;
  content: AnswerPart[];
}

export type ThreadItem = UserMessage | AssistantMessage | { type: "other"; id: string };

export type ItemUpdate =
  | { type: "assistant_message.content_part.added"; content_index: number; content: AnswerPart }
  | { type: "assistant_message.content_part.text_delta"; content_index: number; delta: string }
  | {
      type: "assistant_message.content_part.annotation_added";
      content_index: number;
      annotation_index: number;
      annotation: Annotation;
    }
  | { type: "assistant_message.content_part.done"; content_index: number; content: AnswerPart };

export type NoticeLevel = "info" | "warning" | "danger";

export type StreamEvent =
  | { type: "thread.created" | "thread.updated"; thread: Thread }
  | { type: "thread.item.added" | "thread.item.done" | "thread.item.replaced"; item: ThreadItem }
  | { type: "thread.item.updated"; item_id: string; update: ItemUpdate }
  | { type: "thread.item.removed"; item_id: string }
  | { type: "progress_update"; text: string }
  | { type: "client_effect"; name: string; data: unknown }
  | { type: "notice"; level: NoticeLevel; message: string; title?: string }
  | { type: "error"; code: string; message?: string; allow_retry: boolean }
  | { type: "stream_options"; stream_options: { allow_cancel: boolean } };

/** A place of the docs that was found for the question; shown before any model has spoken. */
export interface FoundPassage {
  uri: string;
  title: string;
  heading_path?: string[];
  snippet: string;
  version?: string;
  locale?: string;
}

/** Data of the client effect `docs_chat.passages`. */
export interface PassagesFound {
  passages: FoundPassage[];
  answerability: "answerable" | "weak" | "not_covered" | "unknown";
}

/** Data of the client effect `docs_chat.answer`: who wrote the answer and how far it can be trusted. */
export interface AnswerFacts {
  item_id: string;
  source: "model" | "cache" | "extractive" | "not_covered" | "small_talk";
  model: string;
  degraded: boolean;
  not_found: string[];
  total_ms: number;
}

/** What the panel tells the gateway about the page it stands on (header `X-Docs-Chat-Context`). */
export interface PageContext {
  site?: string;
  page_uri: string;
  page_title: string;
  /** Instance of the docs plugin that the page belongs to, and to which `version` belongs. */
  docs_instance?: string;
  /** Version of the docs; absent where the reader is on the released one, or on no page of the docs. */
  version?: string;
  /** What the site calls the version that the page belongs to; shown to the reader, not sent. */
  version_label?: string;
  locale?: string;
  tabs?: string[];
  path_prefix?: string;
}
