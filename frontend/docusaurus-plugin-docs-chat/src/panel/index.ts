/**
 * The script for plain pages: defines the elements once, however often it is loaded, in the language of the page.
 *
 * A language other than English is one small file, loaded from beside the script.
 */

import { DocsChatLauncher } from "./launcher";
import { DocsChatPanel } from "./panel";
import { nearestNames, setTexts, type Texts } from "./texts";

/** Names of the files in `locales/`, put in by the build. */
declare const LOCALES: string[];

const script = document.currentScript as HTMLScriptElement | null;

async function loadTexts(locale: string): Promise<void> {
  const name = nearestNames(locale).find((each) => LOCALES.includes(each));
  if (!script || !name) return;
  const response = await fetch(new URL(`locales/${name}.json`, script.src), { credentials: "omit" });
  if (response.ok) setTexts((await response.json()) as Texts, locale);
}

function define(): void {
  if (!customElements.get("docs-chat-panel")) customElements.define("docs-chat-panel", DocsChatPanel);
  if (!customElements.get("docs-chat-launcher")) customElements.define("docs-chat-launcher", DocsChatLauncher);
}

// A language that cannot be loaded is no reason to leave the reader without a chat.
loadTexts(document.documentElement.lang || "en").then(define, define);
