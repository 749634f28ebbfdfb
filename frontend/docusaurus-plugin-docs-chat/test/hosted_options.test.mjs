/** How a site's language and look are told to ChatKit. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openDocument, source } from "./source.mjs";

openDocument();
const { localeOf, themeOf } = await source("plugin/chatkit/hosted_options.ts");

test("a language is named as ChatKit names it", () => {
  const named = { "": "en", "de-AT": "de", no: "nb", "pt-BR": "pt-BR", "zh-Hans": "zh-CN", "zh-Hant-HK": "zh-Hant" };
  for (const [language, locale] of Object.entries(named)) assert.equal(localeOf(language), locale);
});

test("accent, fonts and corners are the site's; what says nothing by itself is left out", () => {
  const values = {
    "--ifm-color-primary": " #7a3cc2",
    "--ifm-background-surface-color": "transparent",
    "--ifm-font-color-base": "#111",
    "--ifm-font-family-base": "Inter, sans-serif",
    "--ifm-global-radius": "0.8rem",
  };
  const theme = themeOf({ getPropertyValue: (name) => values[name] ?? "" }, "dark");
  assert.deepEqual(theme, {
    colorScheme: "dark",
    radius: "round",
    color: { accent: { primary: "#7a3cc2", level: 1 } },
    typography: { baseSize: 15, fontFamily: "Inter, sans-serif" },
  });
});
