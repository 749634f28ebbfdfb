/** Which questions an empty conversation offers on a page. */

import { fitsPaths } from "../panel/paths";
import type { StartingQuestions } from "./options";

/** Where the reader is, as far as it decides about questions. */
export interface Place {
  /** Below the base URL. */
  path: string;
  /** As Docusaurus names it; undefined outside of the docs. */
  version: string | undefined;
  locale: string | undefined;
}

/** The questions of the group with the most conditions among those that fit; of equals, the first. */
export function questionsFor(groups: readonly StartingQuestions[], place: Place): string[] {
  let best: StartingQuestions | undefined;
  for (const group of groups) if (fits(group, place) && (!best || weight(group) > weight(best))) best = group;
  return best?.prompts ?? [];
}

function fits({ path, version, locale }: StartingQuestions, place: Place): boolean {
  return (
    (path === undefined || fitsPaths(place.path, asList(path))) &&
    (version === undefined || asList(version).some((each) => each === place.version)) &&
    (locale === undefined || asList(locale).some((each) => each === place.locale))
  );
}

/** A path says more than a version, and that more than a locale. */
function weight({ path, version, locale }: StartingQuestions): number {
  return (path === undefined ? 0 : 4) + (version === undefined ? 0 : 2) + (locale === undefined ? 0 : 1);
}

function asList(value: string | string[]): string[] {
  return typeof value === "string" ? [value] : value;
}
