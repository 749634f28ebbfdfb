/** What a page may call and hear once docs-chat is on it. */

import type { ChatEvents, ChatEventName } from "./chat_events";

export type * from "./chat_events";

export interface DocsChat {
  /** Opens the chat, loading it first where needed. */
  open(): Promise<void>;
  /** Closes the chat. A running answer goes on. */
  close(): void;
  /** Opens the chat and asks at once. */
  ask(question: string): Promise<void>;
  /** Opens the chat with a question filled in, for the reader to send. */
  fill(question: string): Promise<void>;
  /** Opens the chat with a text of the page that the next question is about. */
  quote(text: string): Promise<void>;
  /** Calls `listener` at each event of this name, of all chats on the page. Returns the function that ends it. */
  on<Name extends ChatEventName>(name: Name, listener: (detail: ChatEvents[Name]) => void): () => void;
  /** The chat of one instance of the plugin, by its option `id`; undefined where there is none. */
  instance(id: string): DocsChat | undefined;
}

declare global {
  interface Window {
    /** Undefined until docs-chat is on the page; the event `docs-chat:ready` tells when it is. */
    docsChat?: DocsChat;
  }
}
