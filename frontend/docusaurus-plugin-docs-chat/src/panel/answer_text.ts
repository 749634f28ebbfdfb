/** An answer as Markdown to take along: its citations become links, and its sources stand below. */

import type { CitationMark } from "./markdown";
import type { Source } from "./sources";

const CODE = /(?:^|\n)[ \t]*(```+|~~~+)[\s\S]*?(?:\n[ \t]*\1[^\n]*|$)|(`+)[^`\n]+?\2(?!`)/g;

export function answerAsMarkdown(text: string, marks: CitationMark[], sources: Source[]): string {
  const body = withLinks(text, marks, sources).trim();
  if (sources.length === 0) return body;
  const list = sources.map(({ number, title, heading, href }) => {
    const place = [title, heading].filter(Boolean).join(" › ");
    return `${number}. [${place.replace(/[[\]\\]/g, "\\$&")}](${address(href)})`;
  });
  return `${body}\n\n---\n\n${list.join("\n")}`;
}

function withLinks(text: string, marks: CitationMark[], sources: Source[]): string {
  const codes = Array.from(text.matchAll(CODE), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
    block: match[1] !== undefined,
  }));
  let result = "";
  let position = 0;
  for (const mark of [...marks].sort((a, b) => a.index - b.index)) {
    const source = sources.find(({ number }) => number === mark.number);
    if (!source) continue;
    // A link inside code would be text of the code: it goes behind it.
    const code = codes.find(({ start, end }) => mark.index > start && mark.index <= end);
    const index = Math.min(Math.max(code?.end ?? mark.index, position), text.length);
    result += `${text.slice(position, index)}${code?.block ? "\n\n" : " "}[[${mark.number}]](${address(source.href)})`;
    position = index;
  }
  return result + text.slice(position);
}

/** Brackets would end the link. */
function address(href: string): string {
  return href.replace(/\(/g, "%28").replace(/\)/g, "%29");
}
