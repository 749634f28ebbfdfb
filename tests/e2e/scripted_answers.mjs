/** What the scripted gateway says: passages, text, citations and facts, in the shapes of the protocol. */

const PASSAGES = [
  {
    uri: "/docs/index-your-site#how-do-i-index-my-own-site",
    title: "Index your site",
    heading_path: ["How do I index my own site?"],
    snippet:
      "Run `make ingest SITE=path/to/site` BASE_URL=https://docs.example.com. The second run reads only what changed.",
    version: "",
    locale: "en",
  },
  {
    uri: "/docs/index-your-site#dry-run",
    title: "Index your site",
    heading_path: ["How can I see what would be indexed?"],
    snippet: "DRY_RUN=1 prints routes, problems and chunk statistics and writes nothing.",
    version: "2.0",
    locale: "en",
  },
  {
    uri: "/docs/configuration#site",
    title: "Configuration",
    heading_path: ["Site file"],
    snippet: "docs-chat.site.yaml names what cannot be read from the config.",
    version: "",
    locale: "en",
  },
  {
    uri: "/docs/operations",
    title: "Operations",
    heading_path: [],
    snippet: "Roll back with one command.",
    version: "",
    locale: "en",
  },
];

const WELL = `Point \`make ingest\` at the folder of your site 🚀:

\`\`\`bash title="Terminal"
make ingest SITE=../my-docs BASE_URL=https://docs.example.com
\`\`\`

1. It reads the **source tree**, so Node is not needed.
2. Unchanged pages cost a hash.

| Setting | Meaning |
| --- | --- |
| \`SITE\` | folder of the site |
| \`BASE_URL\` | address it is served from |

Try it with \`DRY_RUN=1\` first.`;

const HOSTILE = `Look: <img src="https://evil.example/p.png" onerror="window.hacked=1"> <script>window.hacked=1</script>
![secret](https://evil.example/leak?q=1) [click](javascript:window.hacked=1) [fine](https://example.org/) <style>*{display:none}</style>`;

function citation(text, after, number, { uri, title, heading_path, snippet }) {
  const index = text.indexOf(after) + after.length;
  const data = { href: uri, number: String(number), heading: heading_path.join(" › "), quote: snippet };
  return { type: "annotation", index, source: { type: "entity", id: uri, title, interactive: true, data } };
}

const DRAWN = `:::tip[Keep it small]

Use the default.

:::

\`\`\`js title="config.js"
const site = "docs"; // a comment
\`\`\`

The score is $\\frac{a}{b}$, and

$$
x^2
$$

\`\`\`mermaid
graph LR
  Site --> Index
\`\`\`

| left | right |
| :-- | --: |
| a | 1 |

- [x] read
- [ ] written

![The mark](/img/icon.svg) ![elsewhere](https://evil.example/a.png)`;

const FACTS = { source: "model", model: "qwen/qwen3-coder:free", degraded: false, not_found: [], total_ms: 2310 };
const FOUND = { passages: PASSAGES, answerability: "answerable", revision: 3, site: "docs-chat" };

export const ANSWERS = {
  well: {
    passages: FOUND,
    text: WELL,
    annotations: [
      citation(WELL, "🚀", 1, PASSAGES[0]),
      citation(WELL, "needed.", 1, PASSAGES[0]),
      citation(WELL, "`DRY_RUN=1` first.", 2, PASSAGES[1]),
    ],
    facts: FACTS,
    suggestions: ["How can I see what would be indexed?", "How do I roll back?"],
  },
  drawn: { passages: FOUND, text: DRAWN, annotations: [], facts: FACTS, suggestions: [] },
  injection: {
    passages: FOUND,
    text: HOSTILE,
    annotations: [],
    facts: { ...FACTS, not_found: ["--force-push"] },
    suggestions: [],
  },
  "not covered": {
    passages: { ...FOUND, answerability: "not_covered", passages: PASSAGES.slice(3) },
    text: "These docs do not cover that. The nearest page is **Operations**.",
    annotations: [],
    notices: [{ level: "info", message: "The docs do not cover the question." }],
    facts: { ...FACTS, source: "not_covered", model: "" },
    suggestions: [],
  },
  extractive: {
    passages: FOUND,
    text: "> Run `make ingest SITE=path/to/site`.",
    annotations: [],
    notices: [{ level: "info", message: "No language model answered: this is quoted from the docs." }],
    facts: { ...FACTS, source: "extractive", model: "", degraded: true },
    suggestions: ["How do I roll back?"],
  },
};

export function answerFor(question) {
  const name = Object.keys(ANSWERS).find((words) => question.includes(words)) ?? "well";
  return ANSWERS[name];
}
