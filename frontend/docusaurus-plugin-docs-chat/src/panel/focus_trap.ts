/** What only the surfaces that open know of the keyboard: it stays inside a modal one, and a phone has none. */

const FOCUSABLE = "a[href], button:not([disabled]), textarea, input:not([disabled]), summary, [tabindex='0']";

/** Wraps Tab at both ends of `surface`. */
export function keepFocusInside(surface: HTMLElement, event: KeyboardEvent): void {
  const stops = Array.from(surface.querySelectorAll<HTMLElement>(FOCUSABLE)).filter(
    (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[inert]"),
  );
  const root = surface.getRootNode() as ShadowRoot;
  const end = event.shiftKey ? stops[0] : stops.at(-1);
  if (root.activeElement !== end && root.activeElement !== surface) return;
  if (root.activeElement === surface && !event.shiftKey) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}

/** Readers without a mouse: the cursor in a text field would bring up a keyboard over what they came to see. */
export function isTouch(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}
