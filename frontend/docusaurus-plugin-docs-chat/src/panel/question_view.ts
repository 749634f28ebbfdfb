/** The question of a turn, pinned above its answer; a long one is shown in part until the reader wants all of it. */

import { h } from "./dom";
import type { Turn } from "./conversation";
import { say } from "./texts";

const LONG = 120;
const LONG_LINES = 3;

export function questionView({ question, quotedText }: Turn): HTMLElement {
  const words = h("div", { class: "words", dir: "auto", text: question });
  const quoted = quotedText && h("blockquote", { class: "quoted", dir: "auto", text: quotedText });
  const bubble = h("div", { class: "question" }, h("span", { class: "hidden", text: say("youAsked") }), quoted, words);
  if (isLong(question) || isLong(quotedText)) bubble.append(unfolding(bubble));
  return h("div", { class: "asked" }, bubble);
}

function isLong(text: string): boolean {
  return text.length > LONG || text.split("\n").length > LONG_LINES;
}

function unfolding(bubble: HTMLElement): HTMLElement {
  const button = h("button", { type: "button", class: "unfold", "aria-expanded": "false", text: say("showAll") });
  bubble.classList.add("folded");
  button.addEventListener("click", () => {
    const folded = bubble.classList.toggle("folded");
    button.setAttribute("aria-expanded", String(!folded));
    button.textContent = say(folded ? "showAll" : "showLess");
  });
  return button;
}
