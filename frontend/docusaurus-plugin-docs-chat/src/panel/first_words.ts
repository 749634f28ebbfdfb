/** The few words that a page shows before anybody opens anything, and how every text is said. */

export const FIRST_WORDS = {
  // The button of the page
  ask: "Ask",
  askAboutThis: "Ask about this",
  askAboutCode: "Ask about this code",
  loadFailed: "The chat could not be loaded.",
  tryAgain: "Try again",

  // The search bar
  search: "Search",
  searchNotLoaded: "The search could not be loaded",
} as const;

export type Values = Record<string, string | number>;

let translated: Record<string, string | undefined> = {};
let language = "en";

/** Says everything in another language from now on: set it before the first element is made. */
export function setTexts(texts: Record<string, string | undefined>, locale: string): void {
  translated = texts;
  language = locale;
}

/** One of the first words. */
export function sayFirst(id: keyof typeof FIRST_WORDS): string {
  return sayOf(FIRST_WORDS, id, {});
}

/** The text of an id in the reader's language, else in English, its values put in. */
export function sayOf<Id extends string>(english: Record<Id, string>, id: Id, values: Values): string {
  const own = translated[id];
  const text = own ?? english[id];
  const form = typeof values.count === "number" ? pluralForm(text, values.count, own ? language : "en") : text;
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const CATEGORIES = ["zero", "one", "two", "few", "many", "other"];

/** Missing forms at the end are those of the last one given. */
function pluralForm(text: string, count: number, locale: string): string {
  const forms = text.split("|");
  const rules = new Intl.PluralRules(locale);
  const order = CATEGORIES.filter((each) => rules.resolvedOptions().pluralCategories.some((known) => known === each));
  return forms[Math.min(order.indexOf(rules.select(count)), forms.length - 1)] ?? text;
}
