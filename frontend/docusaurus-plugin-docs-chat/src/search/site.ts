/** What the search needs of the site around it: the gateway, the router, the chat, and where the reader is. */

import type { FoundPage, SearchAnswer } from "./answer";
import type { RecentSearches } from "./recent";
import type { Extent } from "./request";

export interface SearchSite {
  /** Rejects with an `AbortError` once aborted, else with a `GatewayError`. */
  find(query: string, extent: Extent, abort: AbortController): Promise<SearchAnswer>;
  /** Answers given at another place are not answers here: version, language, instance. */
  place(): string;
  recent: RecentSearches;
  /** A result's address as this site serves it: a preview of the site opens its own pages. */
  addressOf(uri: string): string;
  /** Opens a page of this site without loading it anew; false when the browser must load it. */
  navigate(address: URL): boolean;
  ask(question: string): void;
  /** Address of the page with all results; undefined where the site has none. */
  resultsPage(query: string): string | undefined;
  /** Labels of a page that is not where the reader is. */
  badges(page: FoundPage): string[];
  /** Names of versions and of a language for people. */
  versionLabel(version: string): string;
  languageName(locale: string): string;
}
