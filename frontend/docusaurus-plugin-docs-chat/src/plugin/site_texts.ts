/** The panel's texts as the site says them: its own `code.json`, what comes with the package, English. */

import codeTranslations from "@generated/codeTranslations.json";
import { setTexts, TEXT_PREFIX } from "../panel/first_words";

/**
 * Says everything in the language of the page from now on; also where pages are rendered without a browser.
 *
 * @param language As the site names the one of this build to browsers: `pt-BR`.
 */
export function speakLanguageOfSite(language: string): void {
  const texts: Record<string, string> = {};
  for (const [id, text] of Object.entries(codeTranslations)) {
    if (text && id.startsWith(TEXT_PREFIX)) texts[id.slice(TEXT_PREFIX.length)] = text;
  }
  setTexts(texts, language);
}
