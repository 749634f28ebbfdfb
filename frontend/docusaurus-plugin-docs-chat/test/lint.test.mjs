import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";

const cwd = fileURLToPath(new URL("..", import.meta.url));
const eslint = new ESLint({ cwd });

/** What our own rule says about one line that stands in the panel. */
async function complaints(line) {
  const [{ messages }] = await eslint.lintText(`${line}\n`, { filePath: "src/panel/sources.ts" });
  return messages.filter(({ ruleId }) => ruleId === "own/spread-arrays-only").length;
}

describe("code that a site may transpile loosely spreads arrays only", () => {
  for (const [line, expected] of [
    ["export const nodes = [...document.childNodes];", 1],
    ["export const values = (map: Map<string, string>) => [...map.values()];", 1],
    ["export const [first] = new Set([1]);", 1],
    ["export const letters = (text: string) => Math.max(...new Set(text.length ? [1] : [2]));", 1],
    ["export const copy = (list: readonly number[]) => [...list];", 0],
    ["export const nodes = Array.from(document.childNodes);", 0],
    ["export const set = new Set([1]); for (const each of set) console.log(each);", 0],
  ]) {
    test(line, async () => assert.equal(await complaints(line), expected));
  }
});
