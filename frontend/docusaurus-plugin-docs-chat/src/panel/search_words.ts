/** The words of the search bar, which stands in the page before anybody searches. */

import { wordsOf } from "./first_words";

export const SEARCH_WORDS = {
  search: "Search",
  searchNotLoaded: "The search could not be loaded",
} as const;

/** One of the words of the bar. */
export function sayInBar(id: keyof typeof SEARCH_WORDS): string {
  return wordsOf(id) ?? SEARCH_WORDS[id];
}
