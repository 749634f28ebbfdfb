/** The growing text of one answer: blocks that did not change keep their elements, so selections survive. */

import type { ChatEvents } from "../chat_events";
import { h, icon, type IconName } from "./dom";
import { drawCode, drawDiagram, drawFormula } from "./drawing";
import { blocksOf, type Block } from "./markdown";
import type { Source } from "./sources";
import type { CitationMark } from "./markdown";
import { say } from "./texts";

/** The end of a code block: a diagram is drawn when it is complete. */
const CLOSED = /(?:```|~~~)\s*$/;

interface CodeBlock {
  /** What holds the block, and stays when something is drawn instead. */
  place: HTMLElement;
  language: string;
  source: string;
}

export class AnswerView {
  readonly element = h("div", { class: "answer" });
  private shown: { source: string; nodes: Node[] }[] = [];

  /** Shows `text` with its citation chips; redraws only the blocks that differ from what is shown. */
  update(text: string, marks: CitationMark[], sources: Source[]): void {
    const blocks = blocksOf(text, marks);
    let same = 0;
    while (same < blocks.length && blocks[same]?.source === this.shown[same]?.source) same += 1;
    for (const gone of this.shown.splice(same)) for (const node of gone.nodes) (node as ChildNode).remove();
    for (const block of blocks.slice(same)) this.append(block, sources);
  }

  private append(block: Block, sources: Source[]): void {
    const fragment = block.render((number) => chipFor(number, sources));
    for (const link of fragment.querySelectorAll("a:not(.chip)")) openElsewhere(link as HTMLAnchorElement);
    for (const formula of fragment.querySelectorAll<HTMLElement>(".formula")) drawFormula(formula);
    const codes = Array.from(fragment.querySelectorAll("pre"), (pre) => codeBlock(pre));
    for (const table of fragment.querySelectorAll("table"))
      wrap(table, h("div", { class: "table", tabindex: "0", role: "region", "aria-label": say("table") }));
    const nodes = Array.from(fragment.childNodes);
    this.element.append(fragment);
    this.shown.push({ source: block.source, nodes });
    if (!CLOSED.test(block.source)) return;
    for (const { place, language, source } of codes) if (language === "mermaid") drawDiagram(place, source);
  }
}

function chipFor(number: number, sources: Source[]): Node {
  const source = sources.find((candidate) => candidate.number === number);
  if (!source) return document.createTextNode("");
  const place = [source.title, source.heading].filter(Boolean).join(" › ");
  return h("a", {
    class: "chip",
    href: source.href,
    title: source.quote ? `${place}\n“${source.quote}”` : place,
    "aria-label": say("source", { number, place }),
    text: String(number),
  });
}

/** Links of the text that leave the site open beside it; links inside are followed by the panel's owner. */
function openElsewhere(link: HTMLAnchorElement): void {
  if (new URL(link.href, location.href).origin === location.origin) return;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
}

/** Puts a code block with title and Copy into the place of a `<pre>`. */
function codeBlock(pre: HTMLPreElement): CodeBlock {
  const code = pre.querySelector("code") ?? pre;
  const language = /language-([\w+#-]+)/.exec(code.className)?.[1] ?? "";
  const title = pre.title;
  const copy = copyButton(say("copyCode"), () => code.textContent, "code");
  const bar = h("div", { class: "code-bar" }, h("span", { text: title || language }), copy);
  const block = h("div", { class: "code", dir: "ltr" }, bar);
  const place = h("figure", {}, block);
  pre.replaceWith(place);
  pre.removeAttribute("title");
  pre.tabIndex = 0;
  block.append(pre);
  if (language) drawCode(code, language);
  return { place, language, source: code.textContent };
}

/** Detail of the event `copied` that the button fires. */
export interface Copied {
  what: ChatEvents["copied"]["what"];
}

/** A button that copies and says so for two seconds. */
export function copyButton(label: string, text: () => string, what: Copied["what"]): HTMLButtonElement {
  const button = h(
    "button",
    { type: "button", class: "icon-button copy", title: label, "aria-label": label },
    icon("copy"),
  );
  const show = (name: IconName, words: string) => {
    button.replaceChildren(icon(name));
    button.setAttribute("aria-label", words);
  };
  button.addEventListener("click", () => {
    void navigator.clipboard
      .writeText(text().replace(/\n$/, ""))
      .then(
        () => {
          show("check", say("copied"));
          button.dispatchEvent(new CustomEvent<Copied>("copied", { bubbles: true, detail: { what } }));
        },
        () => show("close", say("copyRefused")),
      )
      .then(() => setTimeout(() => show("copy", label), 2000));
  });
  return button;
}

function wrap(element: Element, wrapper: HTMLElement): void {
  element.replaceWith(wrapper);
  wrapper.append(element);
}
