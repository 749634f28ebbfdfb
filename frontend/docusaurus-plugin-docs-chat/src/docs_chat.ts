/** What a page may call once the Ask button is there. */

export interface DocsChat {
  /** Opens the chat, loading it first where needed. */
  open(): Promise<void>;
  /** Closes the chat. A running answer goes on. */
  close(): void;
  /** Opens the chat and asks at once. */
  ask(question: string): Promise<void>;
}

declare global {
  interface Window {
    /** Undefined until the launcher is on the page. */
    docsChat?: DocsChat;
  }
}
