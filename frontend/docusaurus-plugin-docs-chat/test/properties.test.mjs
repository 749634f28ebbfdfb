/** Each colour, size and font has a custom property, and the docs name all of them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

/** What is used and set inside the panel, and what it tells the page; not for owners to set. */
const TOLD = new Set(["--docs-chat-beside"]);

async function styles() {
  const sheets = ["../src/panel/styles/panel.css", "../src/panel/launcher.css", "../src/panel/styles/page.css"];
  const built = await Promise.all(
    sheets.map((sheet) =>
      build({ entryPoints: [fileURLToPath(new URL(sheet, import.meta.url))], bundle: true, write: false }),
    ),
  );
  return built.map(({ outputFiles }) => outputFiles[0].text).join("\n");
}

test("the table of the docs and the styles name the same properties", async () => {
  const documented = read("../../../docs/docs/ask/panel.mdx").match(/^\| `--docs-chat-[\w-]+`/gm);
  const names = documented.map((row) => row.slice(3, -1)).sort();
  const used = new Set((await styles()).match(/--docs-chat-[\w-]+/g));
  assert.deepEqual(names, Array.from(used).filter((name) => !TOLD.has(name)).sort()); // prettier-ignore
});

test("no colour stands in the styles but as the value of last resort of a property", async () => {
  const bare = (await styles())
    .split("\n")
    .filter((line) => /#[0-9a-f]{3,8}\b|rgba?\(/i.test(line) && !line.includes("--docs-chat-"));
  assert.deepEqual(bare, []);
});

test("no size of type stands in the styles but as the value of last resort of a property", async () => {
  const bare = (await styles()).split("\n").filter((line) => /font(-size)?:.*\dpx/.test(line) && !/var\(/.test(line));
  assert.deepEqual(bare, ["    font-size: 16px;"], "Safari zooms into smaller fields");
});
