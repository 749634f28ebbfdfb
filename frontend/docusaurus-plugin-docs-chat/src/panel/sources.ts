/** Citations of one answer → numbered sources and the marks that point at them. */

import type { Annotation } from "./protocol";
import type { CitationMark } from "./markdown";

export interface Source {
  number: number;
  title: string;
  heading: string;
  href: string;
  quote: string;
}

/** Numbers each address by its first use, unless the gateway has numbered it. Marks without a place are list-only. */
export function sourcesOf(annotations: Annotation[]): { sources: Source[]; marks: CitationMark[] } {
  const sources = new Map<string, Source>();
  const marks: CitationMark[] = [];
  for (const annotation of annotations) {
    const read = readSource(annotation);
    if (!read) continue;
    const known = sources.get(read.href);
    const source = known ?? { ...read, number: read.number || sources.size + 1 };
    sources.set(read.href, source);
    if (annotation.index !== undefined && annotation.index > 0) {
      marks.push({ index: annotation.index, number: source.number });
    }
  }
  return { sources: Array.from(sources.values()).sort((a, b) => a.number - b.number), marks: withoutRepeats(marks) };
}

function readSource({ source }: Annotation): Source | undefined {
  switch (source.type) {
    case "entity": {
      const data = source.data ?? {};
      const href = webAddress(data.href ?? source.id);
      const heading = data.heading ?? "";
      if (!href) return undefined;
      return { number: Number(data.number) || 0, title: source.title, heading, href, quote: data.quote ?? "" };
    }
    case "url": {
      const href = webAddress(source.url);
      if (!href) return undefined;
      return { number: 0, title: source.title, heading: "", href, quote: source.description ?? "" };
    }
    default:
      return undefined;
  }
}

/** Only http and https addresses become links; anything else is dropped with its citation. */
export function webAddress(address: string): string | undefined {
  try {
    const url = new URL(address, location.href);
    return /^https?:$/.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function withoutRepeats(marks: CitationMark[]): CitationMark[] {
  return marks.filter(
    (mark, position) =>
      marks.findIndex((other) => other.index === mark.index && other.number === mark.number) === position,
  );
}
