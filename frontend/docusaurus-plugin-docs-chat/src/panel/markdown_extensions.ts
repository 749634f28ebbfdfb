/** Markdown as Docusaurus sites write it, beyond GFM: admonitions, alerts, formulas, and the title of a code block. */

import type { MarkedExtension, TokenizerExtension, Tokens } from "marked";

export interface AdmonitionToken extends Tokens.Generic {
  kind: Kind;
  title: string;
}

export interface FormulaToken extends Tokens.Generic {
  display: boolean;
  text: string;
}

/** Keywords of Docusaurus and of GitHub's alerts, by the kind whose colour they have. */
export const KINDS = {
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

const admonition: TokenizerExtension = {
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
};

const alert: TokenizerExtension = {
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
};

/** As in Pandoc: no blank inside the dollars, no digit behind them, so that prices stay prices. */
const INLINE_FORMULA = /^\$(?!\s|\$)((?:\\.|[^\\$\n])+?)(?<!\s)\$(?!\d)/;
const DISPLAYED_FORMULA = /^ {0,3}\$\$[ \t]*\n?([\s\S]+?)\n?[ \t]*\$\$[ \t]*(?:\n|$)/;

const formula: TokenizerExtension = {
  name: "formula",
  level: "inline",
  start: (source) => /\$/.exec(source)?.index,
  tokenizer(source): FormulaToken | undefined {
    const found = INLINE_FORMULA.exec(source);
    return found ? { type: "formula", raw: found[0], text: found[1] ?? "", display: false } : undefined;
  },
};

const displayedFormula: TokenizerExtension = {
  name: "displayedFormula",
  level: "block",
  start: (source) => /^ {0,3}\$\$/m.exec(source)?.index,
  tokenizer(source): FormulaToken | undefined {
    const found = DISPLAYED_FORMULA.exec(source);
    return found ? { type: "displayedFormula", raw: found[0], text: found[1] ?? "", display: true } : undefined;
  },
};

export const ADMONITIONS: MarkedExtension = { extensions: [admonition, alert] };

/** Only for sites that can draw formulas: elsewhere a dollar is a dollar. */
export const FORMULAS: MarkedExtension = { extensions: [formula, displayedFormula] };

/** Language and title of a code block, from what stands behind its opening fence. */
export function fenceInfo(info: string): { language: string; title: string } {
  const language = /^[^\s:{]+/.exec(info)?.[0] ?? "";
  return { language, title: /\btitle=(["'])(.*?)\1/.exec(info)?.[2] ?? "" };
}
