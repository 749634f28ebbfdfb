/** Draws answers with what the site's own bundle holds; each tool is a chunk of the site, loaded when it is needed. */

import type { Loaders, Tools } from "../panel/tools";
import type { ToolName } from "./site_tools";

/** How to load the tools that the site has. */
export function siteLoaders(tools: ToolName[]): Loaders {
  return {
    ...(tools.includes("highlight") && { highlight: loadHighlighter }),
    ...(tools.includes("formula") && { formula: loadFormula }),
    ...(tools.includes("diagram") && { diagram: loadDiagram }),
  };
}

/** The theme has added the languages of `themeConfig.prism` to this same instance. */
async function loadHighlighter(): Promise<Tools["highlight"]> {
  const { Prism } = await import("@docs-chat/highlight");
  return (code, language) => {
    const grammar = Prism.languages[language];
    return grammar && piecesOf(Prism.tokenize(code, grammar));
  };
}

type Content = import("@docs-chat/highlight").Content;

function piecesOf(content: Content): Node[] {
  if (typeof content === "string") return [document.createTextNode(content)];
  if (Array.isArray(content)) return content.flatMap((piece) => piecesOf(piece));
  const span = document.createElement("span");
  const aliases = typeof content.alias === "string" ? [content.alias] : (content.alias ?? []);
  span.className = ["token", content.type, ...aliases].join(" ");
  span.append(...piecesOf(content.content));
  return [span];
}

async function loadFormula(): Promise<Tools["formula"]> {
  const { default: katex } = await import("@docs-chat/formula");
  // MathML alone: it needs neither KaTeX's style sheet nor its fonts, which sites often load from elsewhere.
  return (tex, displayMode) =>
    katex.renderToString(tex, { displayMode, output: "mathml", throwOnError: false, trust: false });
}

async function loadDiagram(): Promise<Tools["diagram"]> {
  const { default: mermaid } = await import("@docs-chat/diagram");
  let count = 0;
  return async (source, dark) => {
    count += 1;
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      theme: dark ? "dark" : "default",
      htmlLabels: false, // a picture shows no HTML
      flowchart: { htmlLabels: false },
    });
    const { svg } = await mermaid.render(`docs-chat-diagram-${count}`, source);
    return svg;
  };
}
