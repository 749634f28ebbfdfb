/**
 * Tokens of Markdown → elements, made one by one: nothing here parses HTML, so whatever the text holds stays text.
 *
 * The text was written by a language model that read other people's pages, so it is not trusted: raw HTML is shown as
 * it is written, addresses of odd kinds lose their link, and pictures of other hosts become their description (loading
 * one would tell a stranger what was asked).
 */

import type { Token, Tokens } from "marked";
import { h } from "./element";
import { KINDS, fenceInfo, type AdmonitionToken, type FormulaToken } from "./markdown_extensions";
import { say } from "./texts";

type Child = Node | string;

/** Elements of blocks: paragraphs, lists, tables. */
export function blockNodes(tokens: Token[]): Child[] {
  return tokens.flatMap((token) => blockNode(token));
}

/** Elements inside one line. */
export function inlineNodes(tokens: Token[] | undefined): Child[] {
  return (tokens ?? []).flatMap((token) => inlineNode(token));
}

function blockNode(token: Token): Child[] {
  switch (token.type) {
    case "heading": {
      const { depth, tokens } = token as Tokens.Heading;
      return [h(`h${Math.min(depth, 6)}` as "h1", {}, ...inlineNodes(tokens))];
    }
    case "paragraph":
      return [h("p", {}, ...inlineNodes(token.tokens))];
    case "code":
      return [codeNode(token as Tokens.Code)];
    case "blockquote":
      return [h("blockquote", {}, ...blockNodes(token.tokens ?? []))];
    case "list":
      return [listNode(token as Tokens.List)];
    case "table":
      return [tableNode(token as Tokens.Table)];
    case "hr":
      return [h("hr")];
    case "html":
      return [h("p", { text: token.raw.trim() })];
    case "admonition":
    case "alert":
      return [admonitionNode(token as AdmonitionToken)];
    case "displayedFormula":
      return [h("p", {}, formulaNode(token as FormulaToken))];
    case "space":
    case "def":
      return [];
    default:
      return inlineNode(token);
  }
}

function inlineNode(token: Token): Child[] {
  switch (token.type) {
    case "text":
    case "escape": {
      const { text, tokens } = token as Tokens.Text;
      return tokens ? inlineNodes(tokens) : [withEntities(text)];
    }
    case "strong":
      return [h("strong", {}, ...inlineNodes(token.tokens))];
    case "em":
      return [h("em", {}, ...inlineNodes(token.tokens))];
    case "del":
      return [h("del", {}, ...inlineNodes(token.tokens))];
    case "codespan":
      return [h("code", { text: (token as Tokens.Codespan).text })];
    case "br":
      return [h("br")];
    case "link":
      return linkNodes(token as Tokens.Link);
    case "image":
      return [imageNode(token as Tokens.Image)];
    case "checkbox":
      return [h("input", { type: "checkbox", disabled: true, checked: (token as Tokens.Checkbox).checked }), " "];
    case "formula":
      return [formulaNode(token as FormulaToken)];
    default:
      return blockTokens.has(token.type) ? blockNode(token) : [token.raw];
  }
}

/** Blocks that stand in an item of a list beside its text. */
const blockTokens = new Set(["paragraph", "code", "list", "blockquote", "table", "heading", "hr", "space", "def"]);

function codeNode({ text, lang }: Tokens.Code): HTMLElement {
  const { language, title } = fenceInfo(lang ?? "");
  const code = h("code", { ...(language && { class: `language-${language}` }), text: `${text}\n` });
  return h("pre", { title: title || undefined }, code);
}

function listNode({ ordered, start, items }: Tokens.List): HTMLElement {
  const entries = items.map((item) => h("li", {}, ...blockNodes(item.tokens)));
  return ordered ? h("ol", { start: start === 1 ? undefined : String(start) }, ...entries) : h("ul", {}, ...entries);
}

function tableNode({ header, rows }: Tokens.Table): HTMLElement {
  const cell = (tag: "td" | "th") => (content: Tokens.TableCell) =>
    h(tag, { align: content.align ?? undefined }, ...inlineNodes(content.tokens));
  const body = rows.map((row) => h("tr", {}, ...row.map(cell("td"))));
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, ...header.map(cell("th")))),
    body.length > 0 && h("tbody", {}, ...body),
  );
}

function admonitionNode({ kind, title, tokens }: AdmonitionToken): HTMLElement {
  const head = h("p", { class: "admonition-title", text: title || say(kind) });
  return h("blockquote", { class: `admonition ${KINDS[kind]}` }, head, ...blockNodes(tokens ?? []));
}

/** The formula as it was written, marked so that it can be drawn. */
function formulaNode({ text, display }: FormulaToken): HTMLElement {
  return h("code", { class: `formula${display ? " displayed" : ""}`, text });
}

const SAFE_ADDRESS = /^(?:https?:|mailto:|[#/.?])/i;

function linkNodes({ href, title, tokens }: Tokens.Link): Child[] {
  const inside = inlineNodes(tokens);
  return SAFE_ADDRESS.test(href) ? [h("a", { href, title: title ?? undefined }, ...inside)] : inside;
}

/** Only files of the page's own host that are pictures by their name: a request of any other kind may do something. */
const PICTURE = /\.(?:avif|gif|jpe?g|png|svg|webp)$/i;

function imageNode({ href, text }: Tokens.Image): Child {
  const address = ownAddress(href);
  const alt = withEntities(text);
  if (!address || !PICTURE.test(address.pathname)) return alt;
  return h("img", { src: address.href, alt, loading: "lazy", referrerpolicy: "no-referrer" });
}

function ownAddress(href: string): URL | undefined {
  try {
    const address = new URL(href, location.href);
    return address.origin === location.origin ? address : undefined;
  } catch {
    return undefined;
  }
}

const NAMED: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  hellip: "…",
  mdash: "—",
  ndash: "–",
  rarr: "→",
  larr: "←",
  times: "×",
};

/** Text with the entities that models write read as their characters. */
function withEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED[name as string] ?? whole;
    const code = decimal ? Number(decimal) : parseInt(hex as string, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
  });
}
