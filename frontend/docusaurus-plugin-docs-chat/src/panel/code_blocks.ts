/**
 * "Ask about this code": one button that comes to the code block under the pointer or the keyboard.
 *
 * It stands outside of the page's own tree, so that nothing of React's is touched. For the keyboard it lies between
 * the block and what comes behind it: Tab goes from the block to the button and from there on.
 */

const BLOCKS = "pre";
const NOT_IN = "docs-chat-panel, docs-chat-launcher, nav, [data-docs-chat-ignore]";
const GAP_PX = 6;
const MAX_LENGTH = 4000;

/**
 * Shows `button` at code blocks and calls `onAsk` with their text. Returns the function that ends it.
 *
 * @param first What the reader came near with, before anybody listened.
 */
export function watchCodeBlocks(button: HTMLButtonElement, onAsk: (text: string) => void, first: Event): () => void {
  let block: HTMLElement | undefined;

  const show = (found: HTMLElement) => {
    block = found;
    button.hidden = false;
    place(button, found);
  };
  const hide = () => {
    block = undefined;
    button.hidden = true;
  };
  const onPointer = (event: PointerEvent) => {
    if (event.pointerType === "touch" || event.composedPath().includes(button)) return;
    const found = blockOf(event.target);
    if (found) show(found);
    else if (block && !isFocused(button, block) && !isNear(event, block)) hide();
  };
  const onFocus = (event: FocusEvent) => {
    if (event.composedPath().includes(button)) return;
    const found = blockOf(event.target);
    if (found) show(found);
    else hide();
  };
  const onTouch = (event: PointerEvent) => {
    if (event.pointerType !== "touch" || event.composedPath().includes(button)) return;
    const found = blockOf(event.target);
    if (found) show(found);
    else hide();
  };
  const onTab = (event: KeyboardEvent) => {
    if (event.key !== "Tab" || event.defaultPrevented || !block) return;
    if (document.activeElement === block && !event.shiftKey) {
      event.preventDefault();
      button.focus();
    } else if (isFocused(button) && event.shiftKey) {
      event.preventDefault();
      block.focus();
    } else if (isFocused(button)) {
      // The browser goes on from here, as if the button stood behind the block.
      block.focus({ preventScroll: true });
    }
  };
  const onMove = () => block && place(button, block);
  const ask = () => {
    const text = block ? textOf(block) : "";
    hide();
    if (text) onAsk(text);
  };

  document.addEventListener("pointerover", onPointer);
  document.addEventListener("pointerup", onTouch);
  document.addEventListener("focusin", onFocus);
  document.addEventListener("keydown", onTab, true);
  document.addEventListener("scroll", onMove, { capture: true, passive: true });
  button.addEventListener("click", ask);
  const begun = blockOf(first.target);
  if (begun) show(begun);
  return () => {
    document.removeEventListener("pointerover", onPointer);
    document.removeEventListener("pointerup", onTouch);
    document.removeEventListener("focusin", onFocus);
    document.removeEventListener("keydown", onTab, true);
    document.removeEventListener("scroll", onMove, { capture: true });
    button.removeEventListener("click", ask);
    hide();
  };
}

function blockOf(target: EventTarget | null): HTMLElement | undefined {
  if (!(target instanceof Element) || target.closest(NOT_IN)) return undefined;
  const inside = target.closest<HTMLElement>(BLOCKS);
  // Over the title or the buttons of a block the pointer is still at it.
  const around = inside ? undefined : target.closest("[class*='codeBlock'], .theme-code-block");
  const found = inside ?? around?.querySelector<HTMLElement>(BLOCKS) ?? undefined;
  return found && textOf(found) ? found : undefined;
}

function textOf(block: HTMLElement): string {
  return Array.from((block.querySelector("code") ?? block).innerText.trim())
    .slice(0, MAX_LENGTH)
    .join("");
}

function isFocused(button: HTMLButtonElement, block?: HTMLElement): boolean {
  const root = button.getRootNode() as ShadowRoot | Document;
  return root.activeElement === button || (block !== undefined && document.activeElement === block);
}

function isNear(event: PointerEvent, block: HTMLElement): boolean {
  const { left, right, top, bottom } = block.getBoundingClientRect();
  const margin = 40;
  return (
    event.clientX > left - margin &&
    event.clientX < right + margin &&
    event.clientY > top - margin &&
    event.clientY < bottom + margin
  );
}

/** At the lower end of the block's last line, where the buttons of the site are not; never outside of the window. */
function place(button: HTMLButtonElement, block: HTMLElement): void {
  const { left, right, top, bottom } = block.getBoundingClientRect();
  if (bottom < 0 || top > innerHeight) {
    button.hidden = true;
    return;
  }
  const rtl = getComputedStyle(block).direction === "rtl";
  const x = rtl ? left + GAP_PX : right - button.offsetWidth - GAP_PX;
  const y = Math.min(bottom - button.offsetHeight / 2, innerHeight - button.offsetHeight - GAP_PX);
  button.style.left = `${Math.max(GAP_PX, x)}px`;
  button.style.top = `${Math.max(GAP_PX, y)}px`;
}
