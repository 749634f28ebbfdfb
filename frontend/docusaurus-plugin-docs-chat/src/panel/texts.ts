/**
 * Every word that the panel says by itself, in English, and the translation that a site puts in its place.
 *
 * `{name}` stands for a value. A text with a `count` may have several forms, separated by `|`, in the order of the
 * language's plural categories (zero, one, two, few, many, other), as in Docusaurus's own translations.
 */

import { FIRST_WORDS, languageOfTexts, wordsOf } from "./first_words";
import { PART_WORDS } from "./part_words";
import { SEARCH_WORDS } from "./search_words";

export { setTexts } from "./first_words";

const { ask, ...otherFirstWords } = FIRST_WORDS;

/** In this order the files of the translations hold them. */
export const ENGLISH = {
  // What a page shows before anybody opens anything, the button first
  ask,
  ...PART_WORDS,
  ...otherFirstWords,
  ...SEARCH_WORDS,

  // A page of the docs
  askAboutPage: "Ask about this page",
  thisPage: "This page: {title}",
  copyPage: "Copy page as Markdown",
  pageNotCopied: "The page could not be copied",

  // The panel
  heading: "Ask the docs",
  greeting: "What are you looking for?",
  startingQuestions: "Questions to start with",
  conversations: "Your conversations",
  newConversation: "New conversation",
  close: "Close",
  docsOf: "Docs {version}",
  panelWidth: "Width of the panel",
  fullHeight: "Full height",
  jumpToLatest: "Jump to the latest",
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
  showAll: "Show all",
  showLess: "Show less",
  looking: "Looking through the docs",
  passagesFound: "1 passage found|{count} passages found",
  stopped: "You stopped this answer.",
  noAnswer: "No answer was given.",
  copyAnswer: "Copy answer",
  helped: "This helped",
  didNotHelp: "This did not help",
  thanks: "Thank you.",
  feedbackQuestion: "What was wrong?",
  reasonWrong: "Wrong",
  reasonIncomplete: "Incomplete",
  reasonOutdated: "Out of date",
  reasonOffTopic: "Not what I asked",
  reasonOther: "Something else",
  feedbackText: "More about it (you need not)",
  feedbackGoesTo: "Your words go to the people who write these docs.",
  feedbackSend: "Send",
  answerAgain: "Answer again",
  askNext: "Ask next",
  sources: "Sources",
  source: "Source {number}: {place}",
  unverified: "Not found in the passages, please check: ",
  fromCache: "Answered before, same pages",
  quoted: "Quoted from the docs",
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
  backToConversation: "Back to the conversation",
  loading: "Loading …",
  nothingAsked: "Nothing asked yet.",
  showOlder: "Show older",
  untitled: "Untitled",
  rename: "Rename “{title}”",
  delete: "Delete “{title}”",
  newTitle: "New title",
  save: "Save",
  cancel: "Cancel",
  deleted: "Deleted: {title}",
  undo: "Undo",

  // Links to conversations
  shareConversation: "Copy a link to this conversation",
  linkCopied: "Link copied. Whoever has it can read this conversation.",
  linkMade: "Whoever has this link can read this conversation.",
  withdrawLink: "Withdraw the link",
  linkWithdrawn: "The link leads nowhere now.",
  sharedWithYou: "Somebody shared this conversation with you.",
  askYourself: "Ask something yourself",
  closeNotice: "Close this notice",

  // Search
  searchDocs: "Search the docs",
  searchOrAsk: "Search or ask a question",
  clearSearch: "Clear the box",
  recentSearches: "Recent searches",
  forgetSearches: "Clear",
  searchHint: "Type what you are looking for, or a whole question.",
  searchResults: "Results",
  resultsFound: "1 result|{count} results",
  searchedFor: "Results for “{query}”",
  someWords: "No section has all of these words. Some have a few of them:",
  fromVersions: "Nothing in your version. From {versions}:",
  fromLanguage: "Nothing in your language. From {language}:",
  nothingFound: "Nothing found for “{query}”",
  askInstead: "Try other words, or ask: an answer may be there under another name.",
  askThis: "Ask: {question}",
  allResults: "All results for “{query}”",
  moreResults: "More results",
  blogPost: "Blog",
  keyOpen: "open",
  keyMove: "choose",
  keyAsk: "ask",
  keyClose: "close",

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

/** The text of an id, its values put in. A value `count` chooses the plural form. */
export function say(id: TextId, values: Record<string, string | number> = {}): string {
  const own = wordsOf(id);
  const text = own ?? ENGLISH[id];
  const form = typeof values.count === "number" ? pluralForm(text, values.count, own ? languageOfTexts() : "en") : text;
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
