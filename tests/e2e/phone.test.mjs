/** A phone: the sheet and its heights, a page that holds still, text selected by touch, targets a finger can hit. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answered, ask } from "./browser.mjs";
import { dialogOf, focused, launcherPages, openChat, PHONE } from "./launcher_pages.mjs";

const openLauncherPage = launcherPages();
const GRIP = { x: 195, y: 8 };

function heightOf(page) {
  return dialogOf(page).evaluate(async (surface) => {
    await Promise.all(surface.getAnimations().map((animation) => animation.finished));
    return surface.offsetHeight;
  });
}

/** Drags the head of the sheet by `distance` px, slowly: what counts is where it ends. */
async function drag(page, distance) {
  const box = await dialogOf(page).boundingBox();
  const [x, y] = [box.x + GRIP.x, box.y + GRIP.y];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + distance, { steps: 8 });
  await page.mouse.move(x, y + distance);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.mouse.move(x, y + distance + 1);
  await page.mouse.up();
}

describe("the sheet", () => {
  test("comes to half of the screen, is modal, and does not call up the keyboard", async () => {
    const { page } = await openLauncherPage(PHONE);
    await openChat(page);
    assert.equal(await heightOf(page), Math.round(780 * 0.64));
    assert.equal(await dialogOf(page).getAttribute("aria-modal"), "true");
    assert.match(await focused(page), /surface/);
  });

  test("takes the whole screen for an answer", async () => {
    const { page } = await openLauncherPage(PHONE);
    await openChat(page);
    await ask(page, "anything");
    await answered(page);
    assert.equal(await heightOf(page), 780);
  });

  test("is dragged up, down, and away", async () => {
    const { page } = await openLauncherPage(PHONE);
    await openChat(page);
    await heightOf(page);
    await drag(page, -260);
    assert.equal(await heightOf(page), 780);
    await drag(page, 300);
    assert.equal(await heightOf(page), Math.round(780 * 0.64));
    await drag(page, 380);
    await dialogOf(page).waitFor({ state: "hidden" });
  });

  test("is moved and closed by the keyboard as well", async () => {
    const { page } = await openLauncherPage(PHONE);
    await openChat(page);
    const grip = page.getByRole("button", { name: "Full height" });
    await grip.press("Enter");
    assert.equal(await heightOf(page), 780);
    await grip.press("ArrowDown");
    assert.equal(await grip.getAttribute("aria-pressed"), "false");
    await grip.press("ArrowDown");
    await dialogOf(page).waitFor({ state: "hidden" });
  });

  test("with reduced motion nothing moves", async () => {
    const { page } = await openLauncherPage({ ...PHONE, reducedMotion: "reduce" });
    await openChat(page);
    const { animation, transition } = await dialogOf(page).evaluate((surface) => {
      const { animationName, transitionDuration } = getComputedStyle(surface);
      return { animation: animationName, transition: transitionDuration };
    });
    assert.deepEqual({ animation, transition }, { animation: "none", transition: "0s" });
  });
});

describe("the page behind", () => {
  for (const [what, options] of [
    ["a sheet", PHONE],
    ["a modal", { attributes: { mode: "modal" } }],
  ]) {
    test(`holds still under ${what}, without moving sideways, and scrolls again afterwards`, async () => {
      const { page } = await openLauncherPage(options);
      await page.evaluate(() => scrollTo(0, 300));
      const left = () => page.locator("#own").evaluate((own) => [own.getBoundingClientRect().left, scrollY]);
      const before = await left();
      await openChat(page);
      assert.deepEqual(await left(), before);
      await page.mouse.move(4, 4);
      await page.mouse.wheel(0, 400);
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).overflow), "hidden");
      assert.deepEqual(await left(), before);
      await page.keyboard.press("Escape");
      await dialogOf(page).waitFor({ state: "hidden" });
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).overflow), "visible");
      assert.deepEqual(await left(), before);
    });
  }
});

test("text selected by touch can be asked about, away from the phone's own menu", async () => {
  const { page, gateway } = await openLauncherPage(PHONE);
  await page.touchscreen.tap(120, 300);
  // What a long press does: the selection is there, and no pointer event tells that it is complete.
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector("p:nth-of-type(3)")));
  const button = page.getByRole("button", { name: "Ask about this" });
  await button.waitFor();
  assert.ok((await button.boundingBox()).y > 600, "at the foot of the screen");
  await button.tap();
  await page.locator(".quote blockquote", { hasText: "Paragraph 3 says what it says." }).waitFor();
  await ask(page, "Why?");
  await answered(page);
  assert.equal(gateway.requests[0].params.input.quoted_text, "Paragraph 3 says what it says.");
});

test("each control is large enough for a finger", async () => {
  const { page } = await openLauncherPage(PHONE);
  await openChat(page);
  await ask(page, "anything");
  await answered(page);
  const small = await dialogOf(page).evaluate((surface) =>
    Array.from(surface.querySelectorAll("button, a, summary, textarea"))
      .filter((control) => control.checkVisibility())
      .map((control) => {
        const { width, height } = control.getBoundingClientRect();
        const around = control.matches(".chip") ? 8 : 0;
        const least = control.matches("header *, .buttons *, .send") ? 44 : 24;
        return [control.className || control.localName, width + around, height + around, least];
      })
      .filter(([, width, height, least]) => Math.min(width, height) < least),
  );
  assert.deepEqual(small, []);
});
