/** What the gateway found for the words typed so far, as `GET /v1/search/sections` tells it. */

/** A part of a text; all parts joined are the text. Plain characters, never markup. */
export interface Piece {
  text: string;
  /** True where it is what the reader searched for. */
  mark: boolean;
}

export type Text = Piece[];

export interface FoundSection {
  /** Address with the fragment of the heading. */
  uri: string;
  /** Headings from the outermost to the section's own, without the page's title; empty at the top of a page. */
  headingPath: Text[];
  snippet: Text;
}

export interface FoundPage {
  uri: string;
  title: Text;
  kind: "doc" | "blog" | "page";
  /** Docs version; empty where pages have none. */
  version: string;
  locale: string;
  /** Best first, at least one. */
  sections: FoundSection[];
}

export interface SearchAnswer {
  query: string;
  /** What counted, where the query was corrected; else empty. */
  searchedFor: string;
  /** How many sections hold every word, shown or not. */
  complete: number;
  /** In the order of their best section. */
  pages: FoundPage[];
  /** Given when the reader's version or language held nothing, so that others were searched. */
  widening: { versions: string[]; locale: string } | undefined;
}

/** Nothing found, for a query without words. */
export const EMPTY_ANSWER: SearchAnswer = { query: "", searchedFor: "", complete: 0, pages: [], widening: undefined };

/**
 * Reads an answer that may come from a gateway older or newer than this code. What cannot be shown or opened is left
 * out: a page without a web address, a section that is none.
 *
 * @throws SyntaxError when it is no answer at all.
 */
export function readAnswer(body: unknown): SearchAnswer {
  const answer = fields(body);
  if (!Array.isArray(answer.pages)) throw new SyntaxError("the answer of the search has no pages");
  const { widening } = answer;
  return {
    query: string(answer.query),
    searchedFor: string(answer.searched_for),
    complete: typeof answer.complete === "number" ? answer.complete : 0,
    pages: answer.pages.map(readPage).filter((page) => page !== undefined),
    widening: widening ? readWidening(fields(widening)) : undefined,
  };
}

/** The words of a text without its marks. */
export function plain(text: Text): string {
  return text.map((piece) => piece.text).join("");
}

function readPage(value: unknown): FoundPage | undefined {
  const page = fields(value);
  const uri = webAddress(page.uri);
  const sections = list(page.sections)
    .map(readSection)
    .filter((section) => section !== undefined);
  if (!uri || sections.length === 0) return undefined;
  const title = readText(page.title);
  const kind = page.kind === "blog" || page.kind === "page" ? page.kind : "doc";
  const shownTitle = title.length > 0 ? title : [{ text: new URL(uri).pathname, mark: false }];
  return { uri, title: shownTitle, kind, version: string(page.version), locale: string(page.locale), sections };
}

function readSection(value: unknown): FoundSection | undefined {
  const section = fields(value);
  const uri = webAddress(section.uri);
  if (!uri) return undefined;
  const headingPath = list(section.heading_path)
    .map(readText)
    .filter((heading) => heading.length > 0);
  return { uri, headingPath, snippet: readText(section.snippet) };
}

function readWidening(widening: Record<string, unknown>): { versions: string[]; locale: string } {
  return { versions: list(widening.versions).map(string).filter(Boolean), locale: string(widening.locale) };
}

/** Of http or https, and complete: nothing else becomes a link. */
function webAddress(value: unknown): string | undefined {
  try {
    const url = new URL(string(value));
    return /^https?:$/.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function readText(value: unknown): Text {
  return list(value)
    .map(fields)
    .map((piece) => ({ text: string(piece.text), mark: piece.mark === true }))
    .filter((piece) => piece.text);
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}
