/** What can be chosen in the list under the box, in the order in which the arrow keys reach it. */

import type { FoundPage, FoundSection, SearchAnswer, Text } from "./answer";

interface PageRow {
  kind: "page";
  uri: string;
  page: FoundPage;
  /** Of the top of the page, where that was found; else empty. */
  snippet: Text;
}

interface SectionRow {
  kind: "section";
  uri: string;
  page: FoundPage;
  headingPath: Text[];
  snippet: Text;
}

export type ResultRow = PageRow | SectionRow;

/** A page and, below it, its sections. */
export interface ResultGroup {
  page: FoundPage;
  rows: ResultRow[];
}

export type Row =
  | ResultRow
  | { kind: "recent"; query: string }
  | { kind: "all"; query: string }
  | { kind: "retry" }
  | { kind: "ask"; question: string };

/** Each page begins with itself: also where only sections of it were found, a reader may want its top. */
export function groupsOf(answer: Pick<SearchAnswer, "pages">): ResultGroup[] {
  return answer.pages.map((page) => {
    const top = page.sections.find(isTop);
    const sections = page.sections.filter((section) => section !== top);
    const first: ResultRow = { kind: "page", uri: top?.uri ?? page.uri, page, snippet: top?.snippet ?? [] };
    return { page, rows: [first, ...sections.map((section): ResultRow => ({ kind: "section", page, ...section }))] };
  });
}

/** The row of the best result, which is chosen before the reader chooses. */
export function bestRow(groups: ResultGroup[]): ResultRow | undefined {
  const [group] = groups;
  const best = group?.page.sections[0];
  if (!group || !best) return undefined;
  return isTop(best) ? group.rows[0] : group.rows.find((row) => row.kind === "section" && row.uri === best.uri);
}

function isTop(section: FoundSection): boolean {
  return section.headingPath.length === 0;
}
