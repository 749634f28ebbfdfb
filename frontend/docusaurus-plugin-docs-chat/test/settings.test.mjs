/** What the browser is told of the options of a site. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { openDocument, source } from "./source.mjs";

openDocument();
const { default: plugin, validateOptions } = createRequire(import.meta.url)("../lib/plugin/index.js");
const { h } = await source("panel/element.ts");

const I18N = { currentLocale: "pt", localeConfigs: { pt: { htmlLang: "pt-BR" } } };

/** Through the plugin itself, as Docusaurus calls it and JSON carries it. */
function toldTo(options, i18n = I18N) {
  let told;
  const actions = { setGlobalData: (data) => (told = JSON.stringify(data)), addRoute() {} };
  plugin({ siteDir: ".", baseUrl: "/pt/", i18n }, validateOptions({ options })).contentLoaded({ actions });
  return JSON.parse(told);
}

/** Attributes of the launcher as they stand in the page. */
function attributesOf(options) {
  const launcher = h("docs-chat-launcher", toldTo(options).attributes);
  return Object.fromEntries(Array.from(launcher.attributes, ({ name, value }) => [name, value]));
}

describe("the browser is told", () => {
  test("of a launcher without options only what differs from a launcher without attributes", () =>
    assert.deepEqual(attributesOf({}), {
      mode: "drawer",
      instance: "default",
      shortcut: "mod+i",
      "ask-links": "fill",
    }));

  test("all that a launcher can be told", () =>
    assert.deepEqual(
      attributesOf({
        id: "api",
        endpoint: "/ask/",
        site: "my-site",
        label: 'Ask "us"',
        heading: "Help",
        greeting: "Hello",
        mode: "modal",
        launcher: false,
        shortcut: false,
        askLinks: false,
        askAboutCode: false,
        showOrigin: true,
        shareLinks: true,
        eventTexts: true,
      }),
      {
        endpoint: "/ask",
        site: "my-site",
        label: 'Ask "us"',
        heading: "Help",
        greeting: "Hello",
        mode: "modal",
        instance: "api",
        launcher: "false",
        shortcut: "none",
        "ask-links": "none",
        "no-code": "",
        "show-origin": "",
        "share-links": "",
        "event-texts": "",
      },
    ));

  test("on which pages the launcher is hidden", () => {
    const isHidden = (hideOn, path) => new RegExp(toldTo({ hideOn }).hideOn, "u").test(path);
    assert.equal(isHidden(["/blog/**", "!/blog/help"], "/blog/2024"), true);
    assert.equal(isHidden(["/blog/**", "!/blog/help"], "/blog/help"), false);
    assert.equal(isHidden([], "/"), false);
  });

  test("where the build lies and which language it speaks", () => {
    const { baseUrl, language } = toldTo({});
    assert.deepEqual([baseUrl, language], ["/pt/", "pt-BR"]);
    assert.equal(toldTo({}, { currentLocale: "de" }).language, "de");
  });
});
