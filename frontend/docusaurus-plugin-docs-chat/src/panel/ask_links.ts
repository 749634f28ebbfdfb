/** Ways into the chat that stand in a page: `?ask=…` in its address, and elements marked with `data-docs-chat-…`. */

/** Parameter of the address that opens a shared conversation. */
export const SHARED = "chat";
const PARAMETER = "ask";
const MAX_LENGTH = 500;

/** Takes the question out of the address, once: it is not asked again when the page is reloaded or shared. */
export function takeLinkedQuestion(): string {
  const url = new URL(location.href);
  const given = url.searchParams.get(PARAMETER);
  if (given === null) return "";
  url.searchParams.delete(PARAMETER);
  history.replaceState(history.state, "", url.href);
  return Array.from(given.replace(/\s+/g, " ").trim()).slice(0, MAX_LENGTH).join("");
}

let lastToken = "";

/** The token of a shared conversation in the address, once for each token; it stays there for a reload. */
export function newSharedToken(): string {
  const token = new URL(location.href).searchParams.get(SHARED) ?? "";
  if (token === lastToken || !/^[\w-]{16,64}$/.test(token)) return "";
  lastToken = token;
  return token;
}

export interface Marked {
  open: () => void;
  ask: (question: string) => void;
}

/** Answers clicks on `[data-docs-chat-open]` and `[data-docs-chat-ask="…"]`; returns the function that ends it. */
export function watchMarkedElements({ open, ask }: Marked): () => void {
  const onClick = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || !(event.target instanceof Element)) return;
    const marked = event.target.closest<HTMLElement>("[data-docs-chat-open], [data-docs-chat-ask]");
    if (!marked) return;
    event.preventDefault();
    const question = marked.dataset.docsChatAsk?.trim();
    if (question) ask(question);
    else open();
  };
  document.addEventListener("click", onClick);
  return () => document.removeEventListener("click", onClick);
}
