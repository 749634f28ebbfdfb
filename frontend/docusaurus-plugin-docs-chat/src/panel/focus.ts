/** Keeping the keyboard inside a modal surface. */

const FOCUSABLE = "a[href], button:not([disabled]), textarea, input:not([disabled]), summary, [tabindex='0']";

/** Wraps Tab at both ends of `surface`. */
export function keepFocusInside(surface: HTMLElement, event: KeyboardEvent): void {
  const stops = Array.from(surface.querySelectorAll<HTMLElement>(FOCUSABLE)).filter((element) =>
    element.checkVisibility(),
  );
  const root = surface.getRootNode() as ShadowRoot;
  const end = event.shiftKey ? stops[0] : stops.at(-1);
  if (root.activeElement !== end) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}
