/** Markdown as Docusaurus sites write it, beyond GFM: admonitions, alerts, formulas, and the title of a code block. */

import type { MarkedExtension, TokenizerAndRendererExtension, Tokens } from "marked";
import { say, type TextId } from "./texts";

interface AdmonitionToken extends Tokens.Generic {
  kind: Kind;
  title: string;
}

interface FormulaToken extends Tokens.Generic {
  display: boolean;
  text: string;
}

/** Keywords of Docusaurus and of GitHub's alerts, by the kind whose colour they have. */
const KINDS = {
  note: "note",
  info: "info",
  important: "info",
  tip: "tip",
  success: "tip",
  warning: "warning",
  caution: "warning",
  danger: "danger",
} as const;
type Kind = keyof typeof KINDS;

const KEYWORDS = Object.keys(KINDS).join("|");
const OPENING = new RegExp(`^(:{3,}) *(${KEYWORDS})\\b(?:\\[([^\\n]*?)\\]| +([^\\n{]*))?(?:\\{[^\\n]*\\})? *(?:\\n|$)`);
const ALERT = new RegExp(`^ {0,3}> ?\\[!(${KEYWORDS})\\] *(?:\\n|$)((?: {0,3}>[^\\n]*(?:\\n|$))*)`, "i");

const admonition: TokenizerAndRendererExtension = {
  name: "admonition",
  level: "block",
  start: (source) => /^:{3}/m.exec(source)?.index,
  tokenizer(source): AdmonitionToken | undefined {
    const opening = OPENING.exec(source);
    if (!opening) return undefined;
    const [head = "", fence = ":::", kind, inBrackets, behind] = Array.from(opening);
    // Without its end it is not finished yet: all that is there belongs to it.
    const closing = new RegExp(`^${fence} *(?:\\n|$)`, "m").exec(source.slice(head.length));
    const body = source.slice(head.length, closing ? head.length + closing.index : undefined);
    const raw = closing ? source.slice(0, head.length + closing.index + closing[0].length) : source;
    const title = (inBrackets ?? behind ?? "").trim();
    return { type: "admonition", raw, kind: kind as Kind, title, tokens: this.lexer.blockTokens(body) };
  },
  renderer(token) {
    return admonitionHtml(token as AdmonitionToken, this.parser.parse(token.tokens ?? []));
  },
};

const alert: TokenizerAndRendererExtension = {
  name: "alert",
  level: "block",
  start: (source) => /^ {0,3}> ?\[!/m.exec(source)?.index,
  tokenizer(source): AdmonitionToken | undefined {
    const found = ALERT.exec(source);
    if (!found) return undefined;
    const [raw = "", keyword = "note", quoted = ""] = Array.from(found);
    const body = quoted.replace(/^ {0,3}> ?/gm, "");
    const kind = keyword.toLowerCase() as Kind;
    return { type: "alert", raw, kind, title: "", tokens: this.lexer.blockTokens(body) };
  },
  renderer(token) {
    return admonitionHtml(token as AdmonitionToken, this.parser.parse(token.tokens ?? []));
  },
};

function admonitionHtml({ kind, title }: AdmonitionToken, body: string): string {
  const name: TextId = kind;
  const words = title ? escapeHtml(title) : say(name);
  return `<blockquote class="admonition ${KINDS[kind]}"><p class="admonition-title">${words}</p>${body}</blockquote>`;
}

/** As in Pandoc: no blank inside the dollars, no digit behind them, so that prices stay prices. */
const INLINE_FORMULA = /^\$(?!\s|\$)((?:\\.|[^\\$\n])+?)(?<!\s)\$(?!\d)/;
const DISPLAYED_FORMULA = /^ {0,3}\$\$[ \t]*\n?([\s\S]+?)\n?[ \t]*\$\$[ \t]*(?:\n|$)/;

const formula: TokenizerAndRendererExtension = {
  name: "formula",
  level: "inline",
  start: (source) => /\$/.exec(source)?.index,
  tokenizer(source): FormulaToken | undefined {
    const found = INLINE_FORMULA.exec(source);
    return found ? { type: "formula", raw: found[0], text: found[1] ?? "", display: false } : undefined;
  },
  renderer: (token) => formulaHtml(token as FormulaToken),
};

const displayedFormula: TokenizerAndRendererExtension = {
  name: "displayedFormula",
  level: "block",
  start: (source) => /^ {0,3}\$\$/m.exec(source)?.index,
  tokenizer(source): FormulaToken | undefined {
    const found = DISPLAYED_FORMULA.exec(source);
    return found ? { type: "displayedFormula", raw: found[0], text: found[1] ?? "", display: true } : undefined;
  },
  renderer: (token) => `<p>${formulaHtml(token as FormulaToken)}</p>`,
};

/** The formula as it was written, marked so that it can be drawn. */
function formulaHtml({ text, display }: FormulaToken): string {
  return `<code class="formula${display ? " displayed" : ""}">${escapeHtml(text)}</code>`;
}

export const ADMONITIONS: MarkedExtension = { extensions: [admonition, alert] };

/** Only for sites that can draw formulas: elsewhere a dollar is a dollar. */
export const FORMULAS: MarkedExtension = { extensions: [formula, displayedFormula] };

/** Language and title of a code block, from what stands behind its opening fence. */
export function fenceInfo(info: string): { language: string; title: string } {
  const language = /^[^\s:{]+/.exec(info)?.[0] ?? "";
  return { language, title: /\btitle=(["'])(.*?)\1/.exec(info)?.[2] ?? "" };
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
