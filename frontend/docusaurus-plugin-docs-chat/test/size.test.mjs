/** How much a reader loads: with each page, and when the chat is first opened. Minified and gzipped, as a site serves it. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { before, describe, test } from "node:test";
import { build } from "esbuild";
import { minifiedCss } from "../build_css.mjs";

const KB = 1024;
let chunks;

before(async () => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
    entryPoints: ["src/plugin/client.ts"],
    external: ["@generated/*", "@docusaurus/*", "@docs-chat/*"],
    plugins: [minifiedCss],
    loader: { ".css": "text" },
    bundle: true,
    minify: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    outdir: "out",
  });
  const contents = new Map(outputFiles.map(({ path, contents }) => [path.split("/out/")[1], contents]));
  chunks = Object.entries(metafile.outputs).map(([path, { imports, inputs, entryPoint }]) => ({
    name: path.replace("out/", ""),
    entry: entryPoint ?? "",
    inputs,
    imports: imports.filter(({ kind }) => kind === "import-statement").map((each) => each.path.replace("out/", "")),
    contents: contents.get(path.replace("out/", "")),
  }));
});

/** A chunk with all that it imports at once. */
function loadedWith(entry) {
  const found = new Set();
  const add = (name) => {
    const chunk = chunks.find((each) => each.name === name);
    if (!chunk || found.has(chunk)) return;
    found.add(chunk);
    chunk.imports.forEach(add);
  };
  const begin = chunks.find((chunk) => chunk.entry.endsWith(entry));
  assert.ok(begin, `no chunk begins with ${entry}: there are ${chunks.map((chunk) => chunk.entry).filter(Boolean)}`);
  add(begin.name);
  return found;
}

/** Together, as a bundler may join them. */
function bytesOf(set) {
  return gzipSync(Buffer.concat([...set].map(({ contents }) => contents))).length;
}

function initial() {
  return new Set([...loadedWith("plugin/client.ts"), ...loadedWith("plugin/mount.ts")]);
}

/** The parts of the code that weigh most, for whoever has to make it lighter. */
function heaviest(set) {
  const inputs = [...set].flatMap(({ inputs }) => Object.entries(inputs));
  const sorted = inputs.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput).slice(0, 8);
  return sorted.map(([path, { bytesInOutput }]) => `${path} ${bytesInOutput}`).join(", ");
}

describe("a reader loads", () => {
  for (const [what, most, chunksOf] of [
    ["in the bundle of the site itself", 1, () => loadedWith("plugin/client.ts")],
    ["with each page", 5, initial],
    [
      "when the chat is first opened, before code is coloured and formulas and diagrams are drawn",
      45,
      () =>
        new Set(
          ["plugin/open_panel.ts", "plugin/own_panel.ts", "panel/turn_view.ts"]
            .flatMap((entry) => [...loadedWith(entry)])
            .filter((chunk) => !initial().has(chunk)),
        ),
    ],
  ]) {
    test(`at most ${most} kB ${what}`, (context) => {
      const found = chunksOf();
      context.diagnostic(`${(bytesOf(found) / KB).toFixed(2)} kB; ${heaviest(found)}`);
      assert.ok(bytesOf(found) <= most * KB, `${bytesOf(found)} bytes`);
    });
  }
});
