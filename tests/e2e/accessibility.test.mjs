/** What axe finds in each state of the panel, in both colour modes, on a phone and from right to left: nothing. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { answered, ask } from "./browser.mjs";
import { launcherPages, openChat, PHONE } from "./launcher_pages.mjs";

const require = createRequire(new URL("../../frontend/docusaurus-plugin-docs-chat/package.json", import.meta.url));
const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

const openLauncherPage = launcherPages();

/** The states that a reader meets, each from an open and empty panel. */
const STATES = {
  "an empty conversation": async () => undefined,
  "an answer": async (page) => {
    await ask(page, "anything");
    await answered(page);
    await page.locator(".found summary").click();
  },
  "an answer that is coming": async (page) => {
    await ask(page, "hold");
    await page.getByText("Reading 4 passages").waitFor();
  },
  "quotations and a caution": async (page) => {
    await ask(page, "extractive");
    await answered(page);
    await ask(page, "injection");
    await answered(page);
  },
  "a failure": async (page) => {
    await ask(page, "overloaded");
    await page.getByRole("button", { name: "Try again" }).waitFor();
  },
  "the history": async (page) => {
    await ask(page, "anything");
    await answered(page);
    await page.getByRole("button", { name: "New conversation" }).click();
    await ask(page, "another");
    await answered(page);
    await page.getByRole("button", { name: "Your conversations" }).click();
    await page.getByRole("button", { name: "Delete “anything”" }).click();
    await page.getByRole("button", { name: "Rename “another”" }).click();
  },
};

const SURROUNDINGS = {
  "in light": { colorScheme: "light" },
  "in dark": { colorScheme: "dark" },
  "on a phone": PHONE,
  "from right to left": { direction: "rtl" },
  "with a pale accent": { accent: "#ffb300", only: ["an answer", "the history"] },
  "with a dark accent in dark": { accent: "#303f9f", colorScheme: "dark", only: ["an answer", "the history"] },
};

test("axe sees into the panel: it objects to a text too pale to be read", async () => {
  const { page } = await openLauncherPage({ colorScheme: "light", bypassCSP: true });
  await page.evaluate(() => document.documentElement.style.setProperty("--docs-chat-muted", "#ccc"));
  await openChat(page);
  assert.match((await objections(page)).join(), /color-contrast: <p class="foot"/);
});

/** What axe objects to, as "rule: element". */
async function objections(page) {
  // Colours that fade in are not yet what they will be; what pulses never is.
  await page.locator("docs-chat-panel .surface").evaluate((surface) => {
    const moving = surface.getAnimations({ subtree: true });
    const ending = moving.filter((animation) => animation.effect.getComputedTiming().iterations !== Infinity);
    return Promise.all(ending.map((animation) => animation.finished.catch(() => undefined)));
  });
  return page.evaluate(async (source) => {
    // Run by the driver and not by the page, whose policy forbids it: axe only looks.
    (0, eval)(source);
    const { violations } = await globalThis.axe.run(
      { include: [["docs-chat-panel"], ["docs-chat-launcher"]] },
      { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
    );
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ""}`),
    );
  }, axe);
}

for (const [where, { direction, accent, only = Object.keys(STATES), ...options }] of Object.entries(SURROUNDINGS)) {
  describe(where, () => {
    for (const what of only) {
      test(`axe objects to nothing in ${what}`, async () => {
        const { page } = await openLauncherPage({ ...options, bypassCSP: true });
        await page.evaluate(
          ([dir, color]) => {
            const { documentElement: root, body } = document;
            if (dir) root.dir = dir;
            if (color) root.style.setProperty("--ifm-color-primary", color);
            body.replaceChildren(body.querySelector("docs-chat-launcher"));
          },
          [direction, accent],
        );
        await openChat(page);
        await STATES[what](page);
        assert.deepEqual(await objections(page), []);
      });
    }
  });
}
