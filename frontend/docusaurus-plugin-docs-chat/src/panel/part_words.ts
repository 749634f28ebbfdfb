/** The words of the buttons that come to parts of a page. */

import { wordsOf } from "./first_words";

export const PART_WORDS = {
  askAboutThis: "Ask about this",
  askAboutCode: "Ask about this code",
} as const;

/** The words of one of the buttons. */
export function sayAtPart(id: keyof typeof PART_WORDS): string {
  return wordsOf(id) ?? PART_WORDS[id];
}
