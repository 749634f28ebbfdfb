/** Notices when a reader first selects text or comes to a block of code. */

const SIGNS = ["selectionchange", "pointerover", "focusin"];

/** Calls `act` once, with the event; returns the function that stops waiting for it. */
export function whenNearParts(act: (event: Event) => void): () => void {
  const end = new AbortController();
  const look = (event: Event) => {
    const selects = event.type === "selectionchange" && document.getSelection()?.isCollapsed === false;
    const nears = event.target instanceof Element && event.target.closest("pre");
    if (!selects && !nears) return;
    end.abort();
    act(event);
  };
  for (const sign of SIGNS) document.addEventListener(sign, look, { signal: end.signal });
  return () => end.abort();
}
