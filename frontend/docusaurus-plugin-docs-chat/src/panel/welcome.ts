/** The empty conversation: a greeting, where the reader is, and questions to start with. */

import { h } from "./dom";
import type { PageContext } from "./protocol";
import { say } from "./texts";

/** Questions to start with, the same everywhere or made for the page that is shown. */
export type Prompts = readonly string[] | ((page: PageContext) => readonly string[]);

export interface WelcomeContent {
  greeting: string;
  page: PageContext;
  prompts: Prompts;
}

export class Welcome {
  readonly element = h("div", { class: "welcome" });
  private shown = "";

  constructor(private readonly ask: (question: string) => void) {}

  show({ greeting, page, prompts }: WelcomeContent): void {
    const questions = typeof prompts === "function" ? prompts(page) : prompts;
    const content = JSON.stringify([greeting, page, questions]);
    if (content === this.shown) return;
    this.shown = content;
    const place = placeOf(page);
    this.element.replaceChildren(
      h("p", { class: "greeting", text: greeting || say("greeting") }),
      ...(place ? [h("p", { class: "place-of-page", text: place })] : []),
      ...(questions.length > 0 ? [this.questions(questions)] : []),
    );
  }

  private questions(questions: readonly string[]): HTMLElement {
    const entries = questions.map((question) => h("li", {}, suggestionButton(question, this.ask)));
    return h("ul", { class: "suggestions", "aria-label": say("startingQuestions") }, ...entries);
  }
}

/** A question that is asked when it is pressed. */
export function suggestionButton(question: string, ask: (question: string) => void): HTMLButtonElement {
  return h("button", {
    type: "button",
    class: "suggestion",
    dir: "auto",
    text: question,
    on: { click: () => ask(question) },
  });
}

/** For example "Docs 1.0 · English"; empty where the page says neither. */
function placeOf({ version_label, locale }: PageContext): string {
  return [version_label && say("docsOf", { version: version_label }), languageName(locale)].filter(Boolean).join(" · ");
}

/** The language in its own words. */
function languageName(locale: string | undefined): string {
  try {
    const name = locale ? new Intl.DisplayNames([locale], { type: "language" }).of(locale) : "";
    return name && name !== locale ? name.charAt(0).toLocaleUpperCase(locale) + name.slice(1) : "";
  } catch {
    return "";
  }
}
