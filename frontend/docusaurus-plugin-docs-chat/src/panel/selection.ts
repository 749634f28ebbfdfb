/** Offering to ask about text that the reader has selected on the page, with a mouse, the keyboard or a finger. */

const MIN_LENGTH = 3;
const MAX_LENGTH = 4000;
const GAP_PX = 8;
/** A selection that has not changed for so long, in ms, is what the reader wanted; handles move it in small steps. */
const SETTLED_MS = 300;

/** Shows `button` for a fresh selection and calls `onAsk` with its text. Returns the function that ends it. */
export function watchSelection(button: HTMLButtonElement, onAsk: (text: string) => void): () => void {
  // The first selection is being made already: whether a finger makes it is not known any more.
  let pressing = matchMedia("(pointer: fine)").matches && document.querySelector(":active") !== null;
  let byTouch = !matchMedia("(pointer: fine)").matches;
  let settling = 0;
  /** A tap on the button may clear the selection before it is a click, so the text is kept from when it was shown. */
  let text = "";

  const show = () => {
    clearTimeout(settling);
    const selection = document.getSelection();
    text = selection?.toString().trim() ?? "";
    button.hidden = pressing || text.length < MIN_LENGTH || text.length > MAX_LENGTH || isEditing(selection);
    if (selection && !button.hidden) place(button, byTouch ? null : selection.getRangeAt(0).getBoundingClientRect());
  };
  const changed = () => {
    clearTimeout(settling);
    settling = window.setTimeout(show, SETTLED_MS);
  };
  const pressed = (event: PointerEvent) => {
    byTouch = event.pointerType === "touch";
    // A finger that selects ends as a cancelled pointer, without telling when: there only the selection counts.
    pressing = !byTouch;
  };
  const released = () => {
    pressing = false;
    if (!byTouch) setTimeout(show);
  };
  const ask = () => {
    button.hidden = true;
    onAsk(text);
  };

  const end = new AbortController();
  const { signal } = end;
  changed();
  document.addEventListener("pointerdown", pressed, { signal, capture: true });
  document.addEventListener("pointerup", released, { signal });
  document.addEventListener("pointercancel", released, { signal });
  document.addEventListener("keyup", show, { signal });
  document.addEventListener("selectionchange", changed, { signal });
  button.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
  button.addEventListener("click", ask, { signal });
  return () => {
    clearTimeout(settling);
    end.abort();
  };
}

function isEditing(selection: Selection | null): boolean {
  const node = selection?.anchorNode;
  const element = node instanceof Element ? node : node?.parentElement;
  return Boolean(element?.closest("input, textarea, [contenteditable], docs-chat-panel, docs-chat-launcher"));
}

/** Below the text; a phone shows its own menu there, so after a touch the button stands at the foot of the screen. */
function place(button: HTMLButtonElement, around: DOMRect | null): void {
  button.classList.toggle("docked", !around);
  if (!around) return button.removeAttribute("style");
  const below = Math.min(around.bottom + GAP_PX, innerHeight - button.offsetHeight - GAP_PX);
  const left = Math.min(Math.max(around.left, GAP_PX), innerWidth - button.offsetWidth - GAP_PX);
  button.style.top = `${below}px`;
  button.style.left = `${left}px`;
}
