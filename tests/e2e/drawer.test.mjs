/** The drawer beside a page of the docs: it takes its room from the page, and the reader says how much. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { docsPages, skip } from "./docs_pages.mjs";
import { dialogOf, openChat } from "./launcher_pages.mjs";

const PARTS = [".navbar", ".theme-doc-sidebar-container", "article", ".theme-doc-toc-desktop"];

/** Once the site runs: until then it sets the direction of its locale again. */
async function readFromRightToLeft(page) {
  await page.locator('html[data-has-hydrated="true"]').waitFor();
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
}

/** Left and right edge in whole px, when nothing moves any more. */
async function edges(page, selector) {
  return page
    .locator(selector)
    .first()
    .evaluate(async (element) => {
      await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)));
      const { left, right } = element.getBoundingClientRect();
      return { left: Math.round(left), right: Math.round(right) };
    });
}

function drawer(page) {
  return edges(page, "docs-chat-panel .surface");
}

describe("the drawer", { skip }, () => {
  const openDocs = docsPages();

  for (const width of [1280, 1920]) {
    test(`covers nothing of a page that is ${width} px wide, and gives the room back`, async () => {
      const { page } = await openDocs({ viewport: { width, height: 800 } });
      const before = await edges(page, "article");
      await openChat(page);
      const { left } = await drawer(page);
      for (const part of PARTS) {
        const { right } = await edges(page, part);
        assert.ok(right <= left, `${part} ends at ${right}, the drawer begins at ${left}`);
      }
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "scrolls sideways");
      await page.keyboard.press("Escape");
      await dialogOf(page).waitFor({ state: "hidden" });
      assert.deepEqual(await edges(page, "article"), before);
      assert.equal(await page.evaluate(() => document.documentElement.getAttribute("style")), "");
    });
  }

  test("stands at the left of a page that is read from right to left, and covers nothing there", async () => {
    const { page } = await openDocs();
    await readFromRightToLeft(page);
    await openChat(page);
    await page.waitForFunction(() => {
      const surface = document.querySelector("docs-chat-panel").shadowRoot.querySelector(".surface");
      return Math.round(surface.getBoundingClientRect().left) === 0;
    });
    const { right } = await drawer(page);
    for (const part of PARTS) assert.ok((await edges(page, part)).left >= right, part);
  });

  test("stands over a page that has no room beside it", async () => {
    const { page } = await openDocs({ viewport: { width: 820, height: 1000 } });
    const before = await edges(page, "article");
    await openChat(page);
    assert.deepEqual(await edges(page, "article"), before);
    const { left } = await drawer(page);
    assert.ok(left > 420, `half of the page can be seen, ${left} px`);
  });

  test("is made wider with the keys and with the mouse, and stays so for the next visit", async () => {
    const { page } = await openDocs();
    await openChat(page);
    const handle = page.getByRole("separator", { name: "Width of the panel" });
    const start = await drawer(page);
    await handle.press("ArrowLeft");
    assert.equal((await drawer(page)).left, start.left - 24);
    const { left } = await drawer(page);
    assert.equal(await handle.getAttribute("aria-valuenow"), String(1280 - left));
    await page.mouse.move(left + 2, 400);
    await page.mouse.down();
    await page.mouse.move(left - 98, 400, { steps: 4 });
    await page.mouse.up();
    assert.equal((await drawer(page)).left, left - 100);
    assert.ok((await edges(page, "article")).right <= left - 100, "the page makes room");
    await page.reload();
    await dialogOf(page).waitFor();
    assert.equal((await drawer(page)).left, left - 100);
    await handle.dblclick();
    assert.equal((await drawer(page)).left, start.left);
  });

  test("leaves the page its part, and itself enough to be read", async () => {
    const { page } = await openDocs();
    await openChat(page);
    const handle = page.getByRole("separator", { name: "Width of the panel" });
    await handle.press("End");
    assert.equal((await drawer(page)).left, 480);
    await handle.press("Home");
    assert.equal((await drawer(page)).left, 1280 - 320);
    await readFromRightToLeft(page);
    await handle.press("ArrowRight");
    assert.equal((await drawer(page)).right, 344);
  });
});
