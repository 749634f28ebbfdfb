/**
 * Answers of `GET /v1/search/sections` for the tests: the start of each word is sought in a handful of sections.
 *
 * Some words do more: "xyzzy" is nowhere, "dokcer" is corrected to "docker", "fancy" is only in another version and
 * language, "overloaded" fails once, "many" is refused once, "hold" waits until it is released, and "everything" finds
 * more than is shown at first.
 */

const PAGES = [
  {
    path: "/docs/quick-start",
    title: "Quick start",
    sections: [
      ["what-do-i-need", ["What do I need?"], "Docker with Compose, and an API key. Nothing else is installed."],
      ["start", ["Start it"], "Run docker compose up and wait until the gateway says that it is ready."],
      ["start-without-docker", ["Start it", "Without Docker"], "Make a virtual environment and run make up."],
    ],
  },
  {
    path: "/docs/index-your-site",
    title: "Index your own site",
    sections: [
      ["", [], "Name your site in a file and run make ingest: pages are read, split and stored."],
      ["how-do-i-start", ["How do I start?"], "Write sites.yaml with the address of your site, then start the ingest."],
    ],
  },
  {
    path: "/docs/configuration",
    title: "Configuration",
    sections: [
      [
        "gateway",
        ["Gateway"],
        "GATEWAY_ALLOWED_ORIGINS names the origins of sites that may ask. Start again after a change.",
      ],
      ["retriever", ["Retriever"], "Where vectors are stored, and how many passages are searched."],
    ],
  },
];
const HOSTILE = '<img src=x onerror="window.hacked=1"><b>bold</b> `code`';

/** The body of an answer; `origin` is that of the site whose pages are found, `known` are other pages of it. */
export function searchAnswer(parameters, origin, known = PAGES) {
  const typed = parameters.get("q");
  const query = typed.replace("dokcer", "docker");
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const limit = Number(parameters.get("limit"));
  const pages = pagesFor(words, origin, limit, known).slice(0, limit);
  const complete = pages.reduce((sum, page) => sum + page.sections.filter((each) => each.relevance === 1).length, 0);
  return {
    query: typed,
    searched_for: query === typed ? null : query,
    site: "docs",
    revision: 1,
    complete,
    pages,
    ...(words.includes("fancy") && { widening: { versions: ["3.0"], locale: "fr" } }),
    took_ms: 1,
  };
}

function pagesFor(words, origin, limit, known) {
  if (words.includes("everything")) return Array.from({ length: limit }, (_, number) => numbered(number, origin));
  if (words.includes("fancy")) return [elsewhere(origin)];
  if (words.includes("hostile")) return hostile(origin);
  return known
    .map((page) => found(page, words, origin))
    .filter((page) => page.sections.length > 0)
    .sort((one, other) => other.sections[0].relevance - one.sections[0].relevance);
}

function found({ path, title, sections, version = "current" }, words, origin) {
  const uri = origin + path;
  const fitting = sections
    .map(([anchor, headings, text]) => ({
      uri: anchor ? `${uri}#${anchor}` : uri,
      anchor,
      heading_path: headings.map((heading) => pieces(heading, words)),
      snippet: pieces(text, words),
      relevance: share([title, ...headings, text].join(" "), words),
    }))
    .filter((section) => section.relevance > 0)
    .sort((one, other) => other.relevance - one.relevance);
  return { uri, title: pieces(title, words), kind: "doc", version, locale: "en", sections: fitting };
}

function numbered(number, origin) {
  const uri = `${origin}/docs/configuration`;
  const section = {
    uri: `${uri}#part-${number}`,
    anchor: `part-${number}`,
    heading_path: [[{ text: `Part ${number}` }]],
  };
  return {
    ...{
      uri,
      title: [{ text: `Page ${number}` }],
      kind: number % 2 ? "blog" : "doc",
      version: "current",
      locale: "en",
    },
    sections: [{ ...section, snippet: [], relevance: 1 }],
  };
}

function elsewhere(origin) {
  const uri = `${origin}/fr/docs/3.0/fantaisie`;
  const section = { uri: `${uri}#fantaisie`, anchor: "fantaisie", heading_path: [[{ text: "Fantaisie" }]] };
  return {
    ...{ uri, title: [{ text: "La fantaisie" }], kind: "doc", version: "3.0", locale: "fr" },
    sections: [{ ...section, snippet: [{ text: "Une page en français." }], relevance: 1 }],
  };
}

function hostile(origin) {
  const section = { heading_path: [[{ text: HOSTILE, mark: true }]], snippet: [{ text: HOSTILE }], relevance: 1 };
  const page = { title: [{ text: HOSTILE }], kind: "doc", version: "", locale: "en" };
  return [
    { ...page, uri: "javascript:window.hacked=1", sections: [{ ...section, uri: "javascript:window.hacked=1" }] },
    { ...page, uri: `${origin}/docs`, sections: [{ ...section, uri: `${origin}/docs#x` }] },
  ];
}

function share(text, words) {
  const known = text.toLowerCase().split(/[^\p{L}\p{N}_]+/u);
  return words.filter((word) => known.some((each) => each.startsWith(word))).length / words.length;
}

/** Marks the starts of words. */
function pieces(text, words) {
  const parts = text.split(new RegExp(`(?<![\\p{L}\\p{N}_])(${words.map(escaped).join("|")})`, "iu"));
  return parts
    .map((part, position) => (position % 2 ? { text: part, mark: true } : { text: part }))
    .filter((part) => part.text);
}

function escaped(word) {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
