/** Texts in other languages: complete, with the same places for values, and found by Docusaurus. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { source } from "./source.mjs";

const require = createRequire(import.meta.url);
const { ENGLISH, say, setTexts } = await source("panel/texts.ts");
const LOCALES = new URL("../locales/", import.meta.url);
const languages = readdirSync(LOCALES).map((file) => file.replace(".json", ""));
const read = (language) => JSON.parse(readFileSync(new URL(`${language}.json`, LOCALES), "utf8"));
const places = (text) => new Set(text.match(/\{\w+\}/g));

for (const language of languages) {
  test(`${language} says all that English says, with the same values`, () => {
    const texts = read(language);
    assert.deepEqual(Object.keys(texts), Object.keys(ENGLISH));
    for (const [id, text] of Object.entries(texts)) assert.deepEqual(places(text), places(ENGLISH[id]), id);
  });

  test(`${language} has a form for each number`, () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const [id, text] of Object.entries(read(language))) {
      if (ENGLISH[id].includes("|")) assert.equal(text.split("|").length, pluralCategories.length, id);
    }
  });
}

test("a number chooses its form, a missing text is said in English", () => {
  setTexts({ passagesFound: "один|несколько|много|часть" }, "ru");
  assert.deepEqual(
    [1, 3, 5].map((count) => say("passagesFound", { count })),
    ["один", "несколько", "много"],
  );
  assert.equal(say("stop"), ENGLISH.stop);
  setTexts({}, "en");
  assert.equal(say("passagesFound", { count: 2 }), "2 passages found");
});

test("the plugin gives Docusaurus the texts of a locale, or of its language, and none for others", async () => {
  const { default: plugin } = require("../lib/plugin/index.js");
  const ask = (currentLocale) =>
    plugin({ siteDir: ".", i18n: { currentLocale } }, {}).getDefaultCodeTranslationMessages();
  assert.equal((await ask("de"))["docs-chat.stop"], read("de").stop);
  assert.deepEqual(await ask("de-AT"), await ask("de"));
  assert.deepEqual(await ask("tlh"), {});
  assert.deepEqual(await ask("not a locale"), {});
});

test("each text is written down as Docusaurus extracts it", () => {
  const { default: plugin } = require("../lib/plugin/index.js");
  const [path] = plugin({ siteDir: ".", i18n: { currentLocale: "en" } }, {}).getPathsToWatch();
  const ids = readFileSync(path, "utf8").match(/"docs-chat\.\w+"/g);
  assert.equal(ids.length, Object.keys(ENGLISH).length);
});
