/** The panel's texts as the site says them: its own `code.json`, what comes with the package, English. */

import codeTranslations from "@generated/codeTranslations.json";
import { ENGLISH, setTexts, type TextId, type Texts } from "../panel/texts";

const PREFIX = "docs-chat.";

/** Says everything in the language of the page from now on. */
export function speakLanguageOfSite(): void {
  const texts: Texts = {};
  for (const id of Object.keys(ENGLISH) as TextId[]) {
    const text = codeTranslations[PREFIX + id];
    if (text) texts[id] = text;
  }
  setTexts(texts, document.documentElement.lang || "en");
}
