/** Offering to ask about text that the reader has selected on the page. */

const MIN_LENGTH = 3;
const MAX_LENGTH = 4000;
const GAP_PX = 8;

/** Shows `button` beside a fresh selection and calls `onAsk` with its text. Returns the function that ends it. */
export function watchSelection(button: HTMLButtonElement, onAsk: (text: string) => void): () => void {
  const show = () => {
    const selection = document.getSelection();
    const text = selection?.toString().trim() ?? "";
    button.hidden = text.length < MIN_LENGTH || text.length > MAX_LENGTH || isEditing(selection);
    if (selection && !button.hidden) place(button, selection.getRangeAt(0).getBoundingClientRect());
  };
  const hide = () => {
    if (document.getSelection()?.isCollapsed ?? true) button.hidden = true;
  };
  const ask = () => {
    const text = document.getSelection()?.toString() ?? "";
    button.hidden = true;
    onAsk(text);
  };
  const keepSelection = (event: Event) => event.preventDefault();
  document.addEventListener("pointerup", show);
  document.addEventListener("keyup", show);
  document.addEventListener("selectionchange", hide);
  button.addEventListener("pointerdown", keepSelection);
  button.addEventListener("click", ask);
  return () => {
    document.removeEventListener("pointerup", show);
    document.removeEventListener("keyup", show);
    document.removeEventListener("selectionchange", hide);
    button.removeEventListener("pointerdown", keepSelection);
    button.removeEventListener("click", ask);
  };
}

function isEditing(selection: Selection | null): boolean {
  const node = selection?.anchorNode;
  const element = node instanceof Element ? node : node?.parentElement;
  return Boolean(element?.closest("input, textarea, [contenteditable], docs-chat-panel, docs-chat-launcher"));
}

function place(button: HTMLButtonElement, around: DOMRect): void {
  const below = Math.min(around.bottom + GAP_PX, innerHeight - button.offsetHeight - GAP_PX);
  const left = Math.min(Math.max(around.left, GAP_PX), innerWidth - button.offsetWidth - GAP_PX);
  button.style.top = `${below}px`;
  button.style.left = `${left}px`;
}
