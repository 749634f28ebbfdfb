/** Where the keyboard is: inside a modal surface, and back where it was when a surface goes. */

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

/** The focused element, inside whatever shadow roots it is. */
export function deepActiveElement(): HTMLElement | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active as HTMLElement | null;
}

/** True while the focus is in `host`, or nowhere: a surface that closes then may move it. */
export function ownsFocus(host: HTMLElement): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || active === host;
}

/** Focuses the first candidate that is still there and takes the focus. */
export function giveFocusTo(...candidates: (HTMLElement | null | undefined)[]): void {
  for (const candidate of candidates) {
    if (!candidate?.isConnected || candidate === document.body) continue;
    candidate.focus();
    if (deepActiveElement() === candidate) return;
  }
}

/** Readers without a mouse: the cursor in a text field would bring up a keyboard over what they came to see. */
export function isTouch(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}
