/**
 * Ways into the chat that stand in the address of a page: `?ask=…` and `?chat=…`.
 *
 * Loaded by the launcher where an address holds one of them.
 */

import type { ChatElement } from "./launcher";

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

/** Does what the attributes of the launcher `element` say about the address; `tryTo` opens the panel for it. */
export function followLink(element: Element, tryTo: (use: (panel: ChatElement) => void) => void): void {
  const shared = element.hasAttribute("share-links") ? newSharedToken() : "";
  if (shared) tryTo((panel) => panel.openShared?.(shared));
  const way = element.getAttribute("ask-links") || "fill";
  if (way === "none") return;
  const question = takeLinkedQuestion();
  if (question) tryTo((panel) => (way === "ask" ? panel.ask(question) : panel.fill(question)));
}
