/** The accent of a site, made readable where it is not, and left alone where it is. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { source } from "./source.mjs";

const { contrast, readableOn } = await source("panel/contrast.ts");

const WHITE = [255, 255, 255];
const DARK = [36, 37, 38];
const rgb = (hex) => [1, 3, 5].map((from) => parseInt(hex.slice(from, from + 2), 16));

test("contrast is that of WCAG", () => {
  assert.equal(contrast(WHITE, [0, 0, 0]), 21);
  assert.equal(contrast(rgb("#777777"), WHITE).toFixed(2), "4.48");
});

describe("an accent", () => {
  for (const hex of ["#1f5fa8", "#7a3cc2", "#146c43"]) {
    test(`${hex} is left alone on white`, () => assert.deepEqual(readableOn(rgb(hex), WHITE), rgb(hex)));
  }
  for (const [hex, ground] of [
    ["#ffb300", WHITE],
    ["#25c2a0", WHITE],
    ["#ffffff", WHITE],
    ["#2e8555", WHITE],
    ["#303f9f", DARK],
    ["#1f5fa8", DARK],
    ["#000000", DARK],
  ]) {
    test(`${hex} becomes readable on rgb(${ground}), and on its own tint there`, () => {
      const accent = readableOn(rgb(hex), ground);
      const tint = ground.map((channel, i) => channel + (rgb(hex)[i] - channel) * 0.1);
      assert.ok(contrast(accent, ground) >= 4.5, `${accent}`);
      assert.ok(contrast(accent, tint) >= 4.45, `${accent}`);
    });
  }
});
