/**
 * Markdown of an answer → a sanitised fragment, block by block, so that a growing answer redraws only its last block.
 *
 * The text was written by a language model that read other people's pages, so it is not trusted: raw HTML becomes
 * text, pictures of other hosts become their description (loading one would tell a stranger what was asked), and what
 * the renderer made passes a sanitiser with a short list of allowed elements.
 */

import DOMPurify from "dompurify";
import { Marked, type MarkedExtension, type Token } from "marked";

import { ADMONITIONS, escapeHtml, fenceInfo, FORMULAS } from "./markdown_extensions";
import { canDraw } from "./tools";

const ALLOWED_TAGS = [
  "a",
  "blockquote",
  "br",
  "code",
  "del",
  "em",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "hr",
  "img",
  "input",
  "li",
  "ol",
  "p",
  "pre",
  "strong",
  "table",
  "tbody",
  "td",
  "th",
  "thead",
  "tr",
  "ul",
];
const ALLOWED_ATTRIBUTES = [
  "align",
  "alt",
  "checked",
  "class",
  "disabled",
  "href",
  "loading",
  "referrerpolicy",
  "src",
  "start",
  "title",
  "type",
];
const SAFE_ADDRESS = /^(?:https?:|mailto:|[#/.?])/i;

/** Marks a citation inside Markdown: private-use characters, removed from what the model wrote beforehand. */
const MARK_START = "\uE000";
const MARK_END = "\uE001";
const MARK = /\uE000(\d+)\uE001/g;

const UNTRUSTED: MarkedExtension = {
  gfm: true,
  renderer: {
    html: ({ text }) => escapeHtml(text),
    image: ({ href, text }) => imageHtml(href, text),
    code: ({ text, lang, escaped }) => codeHtml(escaped ? text : escapeHtml(text), lang ?? ""),
  },
};
const plain = new Marked(ADMONITIONS, UNTRUSTED);
const withFormulas = new Marked(ADMONITIONS, FORMULAS, UNTRUSTED);

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
  const marked = reader();
  const tokens = marked.lexer(withMarks(text, marks));
  const links = tokens.links;
  return tokens
    .filter((token) => token.type !== "space")
    .map((token) => ({
      source: token.raw,
      render: (chip) => withChips(sanitised(marked.parser(Object.assign([token] as Token[], { links }))), chip),
    }));
}

/** One or two sentences with code and emphasis in them, as the gateway writes its remarks. */
export function inlineMarkdown(text: string): DocumentFragment {
  return sanitised(reader().parseInline(text, { async: false }));
}

function withMarks(text: string, marks: CitationMark[]): string {
  const clean = text.replace(/[\uE000\uE001]/g, "\uFFFD");
  let marked = "";
  let position = 0;
  for (const mark of [...marks].sort((a, b) => a.index - b.index)) {
    const index = Math.min(Math.max(mark.index, position), clean.length);
    marked += `${clean.slice(position, index)}${MARK_START}${mark.number}${MARK_END}`;
    position = index;
  }
  return marked + clean.slice(position);
}

function sanitised(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS,
    ALLOWED_ATTR: ALLOWED_ATTRIBUTES,
    ALLOWED_URI_REGEXP: SAFE_ADDRESS,
    // All other values are held against the pattern for addresses.
    ADD_URI_SAFE_ATTR: ["align", "loading", "referrerpolicy", "start", "type"],
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const input of fragment.querySelectorAll("input")) {
    if (input.type === "checkbox") input.disabled = true;
    else input.remove();
  }
  return fragment;
}

/** Replaces the marks by chips; a mark that fell into code stands after the code, one in an address disappears. */
function withChips(fragment: DocumentFragment, chip: (number: number) => Node): DocumentFragment {
  for (const link of fragment.querySelectorAll("a[href]")) {
    link.setAttribute("href", withoutMarks(link.getAttribute("href") ?? ""));
  }
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
  return address.replace(/%EE%80%80\d+%EE%80%81/gi, "").replace(MARK, "");
}

/** Only files of the page's own host that are pictures by their name: a request of any other kind may do something. */
const PICTURE = /\.(?:avif|gif|jpe?g|png|svg|webp)$/i;

function imageHtml(href: string, text: string): string {
  const alt = escapeHtml(text);
  const address = ownAddress(withoutMarks(href));
  if (!address || !PICTURE.test(address.pathname)) return alt;
  return `<img src="${escapeHtml(address.href)}" alt="${alt}" loading="lazy" referrerpolicy="no-referrer">`;
}

function ownAddress(href: string): URL | undefined {
  try {
    const address = new URL(href, location.href);
    return address.origin === location.origin ? address : undefined;
  } catch {
    return undefined;
  }
}

function codeHtml(escapedText: string, info: string): string {
  const { language, title } = fenceInfo(info);
  const named = title ? ` title="${escapeHtml(title)}"` : "";
  const inLanguage = language ? ` class="language-${escapeHtml(language)}"` : "";
  return `<pre${named}><code${inLanguage}>${escapedText}\n</code></pre>\n`;
}
