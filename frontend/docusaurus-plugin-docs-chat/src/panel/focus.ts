/** Where the keyboard is, and back where it was when a surface goes. */

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
