/**
 * Every word that the panel says by itself, in English, and the translation that a site puts in its place.
 *
 * `{name}` stands for a value. A text with a `count` may have several forms, separated by `|`, in the order of the
 * language's plural categories (zero, one, two, few, many, other), as in Docusaurus's own translations.
 */

export const ENGLISH = {
  // The button of the page
  ask: "Ask",
  askAboutThis: "Ask about this",

  // The panel
  heading: "Ask the docs",
  greeting: "What are you looking for?",
  startingQuestions: "Questions to start with",
  conversations: "Your conversations",
  newConversation: "New conversation",
  close: "Close",
  opening: "Opening the chat …",
  disclaimer: "Answers come from these docs and may be wrong. Check the sources.",

  // Asking
  question: "Your question",
  placeholder: "Ask the docs",
  send: "Ask",
  stop: "Stop",
  removeQuote: "Do not ask about this",

  // A turn
  youAsked: "You asked: ",
  looking: "Looking through the docs",
  passagesFound: "1 passage found|{count} passages found",
  stopped: "You stopped this answer.",
  noAnswer: "No answer was given.",
  tryAgain: "Try again",
  copyAnswer: "Copy answer",
  helped: "This helped",
  didNotHelp: "This did not help",
  answerAgain: "Answer again",
  askNext: "Ask next",
  sources: "Sources",
  source: "Source {number}: {place}",
  unverified: "Not found in the passages, please check: ",
  fromCache: "Answered before, same pages",
  quoted: "Quoted from the docs",
  notCovered: "Not in these docs",
  seconds: "{seconds} s",
  answerSpoken: "Answer: {answer}",

  // The text of an answer
  table: "Table",
  copyCode: "Copy code",
  copied: "Copied",
  copyRefused: "Copying was refused by the browser",
  diagram: "Diagram",
  diagramSource: "Source of the diagram",
  note: "Note",
  info: "Info",
  important: "Important",
  tip: "Tip",
  success: "Success",
  warning: "Warning",
  caution: "Caution",
  danger: "Danger",

  // Earlier conversations
  loading: "Loading …",
  nothingAsked: "Nothing asked yet.",
  showOlder: "Show older",
  untitled: "Untitled",
  rename: "Rename “{title}”",
  delete: "Delete “{title}”",
  newTitle: "New title",

  // Failures
  interrupted: "The answer broke off before it was complete.",
  failed: "Something went wrong while answering.",
  lost: "The connection to the docs assistant was lost.",
  unexpected: "The docs assistant gave an unexpected answer.",
  unreachable: "The docs assistant cannot be reached at the moment.",
  tooMany: "You have asked many questions in a short time. Please wait a moment.",
  tooManyFor: "You have asked many questions in a short time. Please wait {seconds} s.",
  refused: "The docs assistant refused the request ({status}).",
} as const;

export type TextId = keyof typeof ENGLISH;

/** Texts in the reader's language; those left out are said in English. */
export type Texts = Partial<Record<TextId, string>>;

let translated: Texts = {};
let language = "en";

/** Says everything in another language from now on: set it before the first element is made. */
export function setTexts(texts: Texts, locale: string): void {
  translated = texts;
  language = locale;
}

/** The text of an id, its values put in. A value `count` chooses the plural form. */
export function say(id: TextId, values: Record<string, string | number> = {}): string {
  const own = translated[id];
  const text = own ?? ENGLISH[id];
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

/** Names under which a locale may have been translated, the nearest first: itself, language with script, language. */
export function nearestNames(locale: string): string[] {
  try {
    const { language, script } = new Intl.Locale(locale.replace(/_/g, "-")).maximize();
    return [locale, `${language}-${script}`, language];
  } catch {
    return [locale]; // A site may name its locales as it likes.
  }
}
