/** Tells the page what happens in the chat. */

import type { ChatEventName, ChatEventPlace, ChatEvents } from "../chat_events";

/** What an event says beyond its place. */
type Own<Name extends ChatEventName> = Omit<ChatEvents[Name], keyof ChatEventPlace>;

/**
 * Fires `docs-chat:{name}` at the document.
 *
 * @param element The element it happened in; its attribute `site` names the site.
 */
export function tell<Name extends ChatEventName>(element: Element, name: Name, own: Own<Name>): void {
  const detail = { site: element.getAttribute("site") ?? "", path: location.pathname, ...own };
  document.dispatchEvent(new CustomEvent(`docs-chat:${name}`, { detail }));
}

/** Calls `listener` with the details of each event of this name; returns the function that ends it. */
export function listen<Name extends ChatEventName>(
  name: Name,
  listener: (detail: ChatEvents[Name]) => void,
): () => void {
  const onEvent = (event: Event) => listener((event as CustomEvent<ChatEvents[Name]>).detail);
  document.addEventListener(`docs-chat:${name}`, onEvent);
  return () => document.removeEventListener(`docs-chat:${name}`, onEvent);
}
