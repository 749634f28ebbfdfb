/**
 * What the site has in its own bundle and answers may be drawn with: the highlighter of its theme, KaTeX and mermaid
 * where it uses them. Found at build time; the panel loads them under fixed names.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The packages that bring a tool with them, each found from the one before it; the last is the tool. */
const WAYS: Record<ToolName, string[][]> = {
  highlight: [
    ["@docusaurus/theme-classic", "prism-react-renderer"],
    ["@docusaurus/preset-classic", "@docusaurus/theme-classic", "prism-react-renderer"],
    ["prism-react-renderer"],
  ],
  formula: [["rehype-katex", "katex"], ["katex"]],
  diagram: [["@docusaurus/theme-mermaid", "mermaid"]],
};

export type ToolName = "highlight" | "formula" | "diagram";

/** Aliases for the bundler: the file of each tool, or false, which it reads as an empty module. */
export type ToolAliases = Record<`@docs-chat/${ToolName}`, string | false>;

/** Looks for the tools from the site's folder. */
export function toolAliases(siteDir: string): ToolAliases {
  const find = (name: ToolName) => firstOf(WAYS[name].map((way) => resolved(siteDir, way)));
  return {
    "@docs-chat/highlight": find("highlight"),
    "@docs-chat/formula": find("formula"),
    "@docs-chat/diagram": find("diagram"),
  };
}

/** Names of the tools that were found. */
export function toolsOf(aliases: ToolAliases): ToolName[] {
  return (["highlight", "formula", "diagram"] as const).filter((name) => aliases[`@docs-chat/${name}`]);
}

function firstOf(found: (string | undefined)[]): string | false {
  return found.find(Boolean) ?? false;
}

function resolved(siteDir: string, way: string[]): string | undefined {
  let file = join(siteDir, "package.json");
  for (const name of way) {
    try {
      file = createRequire(file).resolve(name);
    } catch {
      return undefined;
    }
  }
  return moduleFile(file, way.at(-1) ?? "");
}

/** The file that an `import` of the package loads: the theme's own instance, not a second one for `require`. */
function moduleFile(required: string, name: string): string {
  let folder = dirname(required);
  for (;;) {
    const manifest = readManifest(folder);
    if (manifest?.name === name) return join(folder, importEntry(manifest) ?? required.slice(folder.length + 1));
    if (dirname(folder) === folder) return required;
    folder = dirname(folder);
  }
}

interface Manifest {
  name?: string;
  module?: string;
  exports?: unknown;
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

function importEntry({ exports, module }: Manifest): string | undefined {
  const root = (exports as Record<string, unknown> | undefined)?.["."] ?? exports;
  return conditional(root) ?? module;
}

function conditional(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return undefined;
  const { import: imported, default: otherwise } = target as Record<string, unknown>;
  return conditional(imported) ?? conditional(otherwise);
}
