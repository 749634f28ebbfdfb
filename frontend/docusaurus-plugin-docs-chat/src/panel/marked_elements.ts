/** Elements of a page that open the chat: those marked with `data-docs-chat-…`. */

/** Calls `act` at clicks on `[data-docs-chat-open]` and, with the question, on `[data-docs-chat-ask="…"]`. */
export function watchMarkedElements(act: (question: string | undefined) => void, signal: AbortSignal): void {
  const onClick = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || !(event.target instanceof Element)) return;
    const marked = event.target.closest<HTMLElement>("[data-docs-chat-open], [data-docs-chat-ask]");
    if (!marked) return;
    event.preventDefault();
    act(marked.dataset.docsChatAsk?.trim());
  };
  document.addEventListener("click", onClick, { signal });
}
