/** Reading a conversation: the question stays in sight, and the text does not move under the reader's eyes. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answered, ask } from "./browser.mjs";
import { launcherPages, openChat } from "./launcher_pages.mjs";

const openLauncherPage = launcherPages();
/** So low that an answer is longer than what is seen of it. */
const LOW = { viewport: { width: 1280, height: 480 } };

/** Distance of an element from the top of the scroller, in px. */
function offset(page, selector) {
  return page
    .locator(selector)
    .last()
    .evaluate((element) =>
      Math.round(
        element.getBoundingClientRect().top -
          element.getRootNode().querySelector(".scroller").getBoundingClientRect().top,
      ),
    );
}

function scroll(page, to) {
  return page.locator(".scroller").evaluate(
    (scroller, top) =>
      new Promise((resolve) => {
        scroller.addEventListener("scroll", () => requestAnimationFrame(resolve), { once: true });
        scroller.scrollTop = top;
      }),
    to,
  );
}

function position(page) {
  return page.locator(".scroller").evaluate((scroller) => scroller.scrollTop);
}

test("a new question goes to the top, and its answer grows below without moving it", async () => {
  const { page } = await openLauncherPage(LOW);
  await openChat(page);
  await ask(page, "the first");
  await answered(page);
  await ask(page, "a slow second");
  await page.locator(".turn:last-child .answer pre").waitFor();
  assert.equal(await offset(page, ".turn"), -1, "the line between turns is out of sight");
  const before = await position(page);
  await page.getByRole("button", { name: "Stop" }).waitFor();
  assert.equal(await position(page), before);
});

test("the question stays pinned while its answer is read", async () => {
  const { page } = await openLauncherPage(LOW);
  await openChat(page);
  await ask(page, "anything");
  await answered(page);
  await scroll(page, 150);
  assert.equal(await offset(page, ".asked"), 0);
});

test("a long question is pinned in part, and shown whole where the reader wants it", async () => {
  const { page } = await openLauncherPage();
  await openChat(page);
  await ask(page, "anything about everything, ".repeat(30));
  await answered(page);
  const height = () => page.locator(".asked").evaluate((asked) => asked.offsetHeight);
  assert.ok((await height()) < 160, `${await height()} px`);
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("button", { name: "Show less", expanded: true }).waitFor();
  assert.ok((await height()) > 160);
});

test("a reader who scrolled up is left alone, and gets to the latest with one button", async () => {
  const { page, gateway } = await openLauncherPage(LOW);
  await openChat(page);
  await ask(page, "the first");
  await answered(page);
  await ask(page, "hold the second");
  await page.getByText("Reading 4 passages").waitFor();
  await scroll(page, 20);
  gateway.release();
  await answered(page);
  assert.equal(await position(page), 20);
  await page.getByRole("button", { name: "Jump to the latest" }).click();
  await page.getByRole("button", { name: "Jump to the latest" }).waitFor({ state: "hidden" });
  const left = await page
    .locator(".scroller")
    .evaluate((scroller) => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight);
  assert.ok(left < 2, `${left} px are left`);
});

test("a conversation that is opened again begins at its last question", async () => {
  const { page } = await openLauncherPage(LOW);
  await openChat(page);
  await ask(page, "the first");
  await answered(page);
  await ask(page, "the second");
  await answered(page);
  await page.getByRole("button", { name: "New conversation" }).click();
  await page.getByRole("button", { name: "Your conversations" }).click();
  await page.getByRole("button", { name: /^the first/ }).click();
  await page.locator(".question", { hasText: "the second" }).waitFor();
  assert.equal(await offset(page, ".turn"), -1);
});

test("what is written from left to right stays so on a page that is read from right to left", async () => {
  const { page } = await openLauncherPage();
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  await openChat(page);
  await ask(page, "anything");
  await answered(page);
  for (const selector of [".sources a", ".found summary", ".answer", ".question .words", ".foot"]) {
    const direction = await page
      .locator(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).direction);
    assert.equal(direction, "ltr", selector);
  }
  const [number, place] = await page
    .locator(".sources a")
    .first()
    .evaluate((link) => {
      const range = new Range();
      range.selectNode(link.lastChild);
      return [link.querySelector(".number"), range].map((part) => part.getBoundingClientRect().left);
    });
  assert.ok(number < place, "the number stands before the place");
});

describe("an empty conversation", () => {
  test("offers questions that a function makes for the page, and others on the next page", async () => {
    const { page } = await openLauncherPage();
    await openChat(page);
    await page.evaluate(() => {
      document.querySelector("docs-chat-panel").prompts = ({ page_title }) => [`What is ${page_title}?`];
    });
    await page.getByRole("button", { name: "What is docs-chat?" }).waitFor();
    await page.evaluate(() => (document.title = "Installation"));
    await page.getByRole("button", { name: "What is Installation?" }).click();
    await page.locator(".question", { hasText: "What is Installation?" }).waitFor();
  });

  test("tells the version and the language of the page", async () => {
    const { page } = await openLauncherPage();
    await openChat(page);
    await page.evaluate(() => {
      const panel = document.querySelector("docs-chat-panel");
      panel.pageContext = () => ({ page_uri: location.href, page_title: "", version_label: "1.0", locale: "fr" });
      panel.prompts = [];
    });
    await page.getByText("Docs 1.0 · Français").waitFor();
  });
});
