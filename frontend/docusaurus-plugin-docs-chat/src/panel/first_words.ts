/** The few words that a page shows before anybody opens anything, and the translation that all texts come from. */

/** What stands before each id in a site's `i18n/{locale}/code.json`. */
export const TEXT_PREFIX = "docs-chat.";

export const FIRST_WORDS = {
  // The button of the page
  ask: "Ask",
  loadFailed: "The chat could not be loaded.",
  tryAgain: "Try again",
} as const;

let translated: Record<string, string | undefined> = {};
let language = "en";

/** Says everything in another language from now on: set it before the first element is made. */
export function setTexts(texts: Record<string, string | undefined>, locale: string): void {
  translated = texts;
  language = locale;
}

/** One of the first words. */
export function sayFirst(id: keyof typeof FIRST_WORDS): string {
  return wordsOf(id) ?? FIRST_WORDS[id];
}

/** The text of an id in the language of the page; undefined where nobody translated it. */
export function wordsOf(id: string): string | undefined {
  return translated[id];
}

/** The language that translated texts are in. */
export function languageOfTexts(): string {
  return language;
}
