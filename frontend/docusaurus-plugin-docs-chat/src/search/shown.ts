/** Results as elements. Texts arrive in pieces and are set as text: nothing in here parses markup. */

import { h } from "../panel/dom";
import { say } from "../panel/texts";
import type { FoundPage, SearchAnswer, Text } from "./answer";
import type { SearchSite } from "./site";

/** A text with its marked words. It keeps its own direction, whatever that of the page is. */
export function shownText(text: Text): HTMLElement {
  return h("bdi", {}, ...text.map((piece) => (piece.mark ? h("mark", { text: piece.text }) : piece.text)));
}

/** Headings from the outermost to the own one. */
export function shownPath(headings: Text[]): HTMLElement {
  const path = h("span", { class: "path" });
  for (const [position, heading] of headings.entries()) {
    if (position > 0) path.append(h("span", { class: "separator", text: " › " }));
    path.append(h("span", { class: position < headings.length - 1 ? "above" : "own" }, shownText(heading)));
  }
  return path;
}

/** Where a page comes from, if that is not where the reader is. */
export function shownBadges(page: FoundPage, site: SearchSite): HTMLElement | null {
  const labels = [...(page.kind === "blog" ? [say("blogPost")] : []), ...site.badges(page)];
  if (labels.length === 0) return null;
  return h("span", { class: "badges" }, ...labels.map((label) => h("span", { class: "badge", text: label })));
}

/** What the reader should know about the results before reading them. */
export function noticesOf({ pages, searchedFor, widening, complete }: SearchAnswer, site: SearchSite): string[] {
  if (pages.length === 0) return [];
  const versions = widening?.versions.map((version) => site.versionLabel(version)).join(", ");
  return [
    ...(searchedFor ? [say("searchedFor", { query: searchedFor })] : []),
    ...(versions ? [say("fromVersions", { versions })] : []),
    ...(widening?.locale ? [say("fromLanguage", { language: site.languageName(widening.locale) })] : []),
    ...(complete === 0 ? [say("someWords")] : []),
  ];
}
