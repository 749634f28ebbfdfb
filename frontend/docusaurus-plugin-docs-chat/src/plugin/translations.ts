/** The panel's texts in the languages that come with the package, as Docusaurus asks a plugin for them. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TEXT_PREFIX } from "../panel/first_words";
import { nearestNames } from "../panel/texts";

const LOCALES = join(__dirname, "..", "..", "locales");

/**
 * The messages of a locale, of its language otherwise, and none for a language that does not come with the package.
 *
 * @param locale As a site names it: `de`, `pt-BR`, `zh-Hant-TW`.
 */
export function defaultMessages(locale: string): Record<string, string> {
  const file = nearestNames(locale)
    .map((name) => join(LOCALES, `${name}.json`))
    .find((path) => existsSync(path));
  if (!file) return {};
  const texts = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  return Object.fromEntries(Object.entries(texts).map(([id, text]) => [TEXT_PREFIX + id, text]));
}
