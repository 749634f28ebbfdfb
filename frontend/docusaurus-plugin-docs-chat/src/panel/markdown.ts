/**
 * Markdown of an answer → elements, block by block, so that a growing answer redraws only its last block; with the
 * marks of its citations in their places.
 */

import { Lexer, Marked } from "marked";
import { ADMONITIONS, FORMULAS } from "./markdown_extensions";
import { blockNodes, inlineNodes } from "./markdown_nodes";
import { canDraw } from "./tools";

/**
 * Marks a citation inside Markdown: two characters that nobody writes, removed from what the model wrote beforehand.
 * They are punctuation, as the chip is: `**so?**` with a mark behind it stays in bold.
 */
const MARK_START = "\u2E3F";
const MARK_END = "\u2E4F";
const MARK = /\u2E3F(\d+)\u2E4F/g;

const plain = new Marked(ADMONITIONS, { gfm: true });
const withFormulas = new Marked(ADMONITIONS, FORMULAS, { gfm: true });

/** Formulas are read only where they can be drawn. */
function reader(): Marked {
  return canDraw("formula") ? withFormulas : plain;
}

export interface CitationMark {
  /** Position in the text, in UTF-16 units. */
  index: number;
  /** Number of the source, from 1. */
  number: number;
}

/** One top-level block of the answer. Equal `source`, equal picture. */
export interface Block {
  source: string;
  render: (chip: (number: number) => Node) => DocumentFragment;
}

/** Cuts an answer into blocks with its citation marks inside. */
export function blocksOf(text: string, marks: CitationMark[]): Block[] {
  return reader()
    .lexer(withMarks(text, marks))
    .filter((token) => token.type !== "space")
    .map((token) => ({ source: token.raw, render: (chip) => withChips(fragmentOf(blockNodes([token])), chip) }));
}

/** One or two sentences with code and emphasis in them, as the gateway writes its remarks. */
export function inlineMarkdown(text: string): DocumentFragment {
  return fragmentOf(inlineNodes(Lexer.lexInline(text)));
}

function fragmentOf(nodes: (Node | string)[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(...nodes);
  return fragment;
}

function withMarks(text: string, marks: CitationMark[]): string {
  const clean = text.replace(/[\u2E3F\u2E4F]/g, "\uFFFD");
  let marked = "";
  let position = 0;
  for (const mark of [...marks].sort((a, b) => a.index - b.index)) {
    const index = Math.min(Math.max(mark.index, position), clean.length);
    marked += `${clean.slice(position, index)}${MARK_START}${mark.number}${MARK_END}`;
    position = index;
  }
  return marked + clean.slice(position);
}

/** Replaces the marks by chips; a mark that fell into code stands after the code, one in an address disappears. */
function withChips(fragment: DocumentFragment, chip: (number: number) => Node): DocumentFragment {
  for (const link of fragment.querySelectorAll("a[href]")) {
    link.setAttribute("href", withoutMarks(link.getAttribute("href") ?? ""));
  }
  for (const picture of fragment.querySelectorAll("img")) picture.src = withoutMarks(picture.src);
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  for (const text of texts) if (text.data.includes(MARK_START)) placeChips(text, chip);
  return fragment;
}

function placeChips(text: Text, chip: (number: number) => Node): void {
  const code = text.parentElement?.closest("pre, code, a");
  const pieces = text.data.split(MARK);
  const chips: Node[] = [];
  const content: Node[] = [];
  pieces.forEach((piece, position) => {
    if (position % 2 === 0) content.push(document.createTextNode(piece));
    else (code ? chips : content).push(chip(Number(piece)));
  });
  text.replaceWith(...content);
  code?.after(...chips);
}

function withoutMarks(address: string): string {
  return address.replace(/%E2%B8%BF\d+%E2%B9%8F/gi, "").replace(MARK, "");
}
