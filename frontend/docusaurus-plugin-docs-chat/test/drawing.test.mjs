/** Formulas in text, and where a site's tools are found. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { buildSync } from "esbuild";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { openDocument } from "./source.mjs";

openDocument();
const require = createRequire(import.meta.url);

/** Modules that share their state, as they do in the panel. */
function bundled(contents) {
  const resolveDir = fileURLToPath(new URL("../src", import.meta.url));
  const options = { stdin: { contents, resolveDir }, bundle: true, write: false, format: "cjs", platform: "node" };
  const module = { exports: {} };
  new Function("module", "exports", "require", buildSync(options).outputFiles[0].text)(module, module.exports, require);
  return module.exports;
}

const { setLoaders, blocksOf } = bundled(
  'export { setLoaders } from "./panel/tools"; export { blocksOf } from "./panel/markdown";',
);
setLoaders({ formula: () => Promise.reject(new Error("never loaded here")) });

describe("a formula", () => {
  const formulas = (text) => {
    const root = document.createElement("div");
    for (const block of blocksOf(text, [])) root.append(block.render(() => document.createTextNode("")));
    return Array.from(root.querySelectorAll(".formula"), (formula) => [formula.className, formula.textContent]);
  };

  for (const [text, expected] of [
    ["Let $a_b * c_d$ be.", [["formula", "a_b * c_d"]]],
    ["$$\nx^2\n$$", [["formula displayed", "x^2"]]],
    ["From $5 to $10.", []],
    ["`$a$` in code", []],
    ["```\n$a$\n```", []],
    ["costs $5/$10", []],
    ["$<script>$", [["formula", "<script>"]]],
  ]) {
    test(`is found in ${JSON.stringify(text)}`, () => assert.deepEqual(formulas(text), expected));
  }
});

describe("the tools of a site", () => {
  const { toolAliases, toolsOf } = bundled('export * from "./plugin/site_tools";');

  function site(packages) {
    const folder = mkdtempSync(join(tmpdir(), "docs-chat-site-"));
    writeFileSync(join(folder, "package.json"), "{}");
    for (const [path, manifest] of Object.entries(packages)) {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, "package.json"), JSON.stringify(manifest));
      for (const file of ["index.js", "index.mjs"]) writeFileSync(join(folder, path, file), "");
    }
    return folder;
  }

  test("are found where the theme keeps them, as the module that the theme itself imports", () => {
    const theme = "node_modules/@docusaurus/theme-classic";
    const folder = site({
      [theme]: { name: "@docusaurus/theme-classic", main: "index.js" },
      [`${theme}/node_modules/prism-react-renderer`]: {
        name: "prism-react-renderer",
        main: "index.js",
        exports: { ".": { import: "./index.mjs", default: "./index.js" } },
      },
      "node_modules/katex": { name: "katex", main: "index.js", module: "index.mjs" },
    });
    const aliases = toolAliases(folder);
    assert.match(aliases["@docs-chat/highlight"], /theme-classic\/node_modules\/prism-react-renderer\/index\.mjs$/);
    assert.match(aliases["@docs-chat/formula"], /katex\/index\.mjs$/);
    assert.equal(aliases["@docs-chat/diagram"], false);
    assert.deepEqual(toolsOf(aliases), ["highlight", "formula"]);
    rmSync(folder, { recursive: true });
  });

  test("may all be missing", () => {
    const folder = site({});
    assert.deepEqual(toolsOf(toolAliases(folder)), []);
    rmSync(folder, { recursive: true });
  });
});
