/** The plugin on a freshly made site, as `fresh_site.mjs` built it: SITE_CELL names which. */

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { answered, ask, launchBrowser, openPage } from "./browser.mjs";
import { pagesOf } from "./fresh_site.mjs";
import { ANSWERS } from "./scripted_answers.mjs";
import { startScriptedGateway } from "./scripted_gateway.mjs";

/** The gateway that the site's config names; its requests are led to the scripted one. */
const CONFIGURED = "http://127.0.0.1:8000";
/** The address that the site's config names: what is found there is shown where the site is served. */
const CANONICAL = "https://my-site.example";
const guide = (path, version) => ({
  ...{ path, version, title: "Guide" },
  sections: [["begin", ["Begin"], "Begin at the beginning."]],
});
const GUIDES = [guide("/docs/guide", "2.0"), guide("/docs/1.0/guide", "1.0"), guide("/docs/next/guide", "current")];

const CELL = process.env.SITE_CELL ?? "babel-newest-react-19";
const DRAWS = Boolean(JSON.parse(await readFile(new URL("cells.json", import.meta.url), "utf8"))[CELL].draws);

let browser;
let site;
let chat;
let opened;

before(async () => {
  const folder = pagesOf(CELL);
  await writePage(folder, "fr/docs/guide", "Guide en français");
  browser = await launchBrowser();
  site = await startScriptedGateway({ folder });
});
after(async () => {
  await browser?.close();
  await site?.stop();
});
afterEach(async () => {
  await opened.page.context().close();
  await chat.stop();
  assert.deepEqual(opened.trouble, []);
});

/** A page that another build put beside this one: the same host, but not a route of this site. */
async function writePage(folder, path, title) {
  await mkdir(join(folder, path), { recursive: true });
  await writeFile(join(folder, path, "index.html"), `<!doctype html><title>${title}</title><h1>${title}</h1>`);
}

/** Opens a page and the chat on it. */
async function readPage(path, options) {
  const page = await openSitePage(path, options);
  await page.locator("docs-chat-launcher .ask").click();
  await page.getByRole("dialog", { name: "Ask the docs" }).waitFor();
  return page;
}

async function openSitePage(path, options) {
  const page = await visit(path, options);
  await page.locator("docs-chat-launcher .ask").waitFor();
  return page;
}

async function visit(path, options) {
  chat = await startScriptedGateway({ pace: 2, origins: [site.origin] });
  Object.assign(chat.gateway, { siteOrigin: CANONICAL, pages: GUIDES });
  opened = await openPage(browser, `${site.origin}${path}`, options);
  await opened.page.route(`${CONFIGURED}/**`, (route) =>
    route.continue({
      url: route.request().url().replace(CONFIGURED, chat.origin),
    }),
  );
  return opened.page;
}

/** The words of the chips, the sources and the blocks of an answer that is complete. */
async function shownAnswer(page) {
  return {
    chips: await page.locator(".answer .chip").allTextContents(),
    sources: await page.locator(".sources li").allTextContents(),
    blocks: await page.locator(".answer > *").evaluateAll((blocks) => blocks.map((block) => block.localName)),
  };
}

test("an answer has its chips and sources, and each paragraph once", async () => {
  const page = await readPage("/docs/intro");
  await ask(page, "anything");
  await answered(page);
  assert.deepEqual(await shownAnswer(page), {
    chips: ["1", "1", "2"],
    sources: [
      "1Index your site › How do I index my own site?",
      "2Index your site › How can I see what would be indexed?",
    ],
    blocks: ["p", "figure", "ol", "div", "p"],
  });
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor();
});

test("code is coloured by the theme's own highlighter, formulas and diagrams are drawn where the site can", async () => {
  const page = await readPage("/docs/guide");
  await ask(page, "drawn");
  await answered(page);
  const answer = page.locator(".answer");
  await answer.locator(".token.keyword").first().waitFor();
  assert.equal(await answer.locator(".code-bar span").first().innerText(), "config.js");
  assert.equal(await answer.locator(".admonition.tip .admonition-title").innerText(), "Keep it small");
  assert.deepEqual(
    await answer.locator("input[type=checkbox]").evaluateAll((boxes) => boxes.map((box) => box.checked)),
    [true, false],
  );
  assert.equal(
    await answer
      .locator("td")
      .nth(1)
      .evaluate((cell) => getComputedStyle(cell).textAlign),
    "right",
  );
  if (DRAWS) {
    await answer.locator("math mfrac").waitFor();
    assert.equal(await answer.locator('math[display="block"]').count(), 1);
    const diagram = answer.locator(".diagram img");
    await diagram.waitFor();
    assert.ok((await diagram.boundingBox()).height > 20);
    assert.ok(await diagram.evaluate((picture) => picture.naturalWidth > 50 && picture.src.includes("Index")));
  } else {
    assert.match(await answer.innerText(), /graph LR/);
    assert.match(await answer.innerText(), /\$\\frac/);
  }
  const strangers = Array.from(opened.hosts).filter((host) => !host.startsWith("127.0.0.1"));
  assert.deepEqual(strangers, []);
});

test("Stop stops, and the next question is answered in the same conversation", async () => {
  const page = await readPage("/docs/intro");
  await ask(page, "a slow one");
  await page.locator(".answer pre").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("You stopped this answer.").waitFor();
  await ask(page, "another");
  await answered(page);
  assert.equal(await page.locator(".turn").count(), 2);
});

test("a citation is followed inside the site without loading it anew", async () => {
  const page = await readPage("/docs/intro");
  await followCitation(page, "/docs/guide#begin");
  await page.getByRole("heading", { name: "Guide", level: 1 }).waitFor();
  assert.equal(new URL(page.url()).hash, "#begin");
  assert.equal(await page.evaluate(() => window.loadedOnce), true, "the page was loaded anew");
  assert.ok(await page.getByRole("dialog", { name: "Ask the docs" }).isVisible());
});

test("a citation of another build on the same host is loaded, not sought among the routes of this one", async () => {
  const page = await readPage("/docs/intro");
  await followCitation(page, "/fr/docs/guide");
  await page.getByRole("heading", { name: "Guide en français" }).waitFor();
  assert.equal(await page.evaluate(() => window.loadedOnce), undefined);
});

async function followCitation(page, path) {
  await page.evaluate(() => (window.loadedOnce = true));
  ANSWERS.well.annotations[0].source.data.href = `${site.origin}${path}`;
  await ask(page, "anything");
  await answered(page);
  await page.locator(".answer .chip").first().click();
}

for (const [path, expected] of [
  ["/docs/intro", { docs_instance: "default" }],
  ["/docs/1.0/intro", { docs_instance: "default", version: "1.0" }],
  ["/docs/next/intro", { docs_instance: "default", version: "current" }],
  ["/community/contributing", { docs_instance: "community" }],
]) {
  test(`a reader of ${path} is told apart by instance and version`, async () => {
    const page = await readPage(path);
    await ask(page, "anything");
    await answered(page);
    const { page_uri, docs_instance, version } = chat.gateway.requests[0].context;
    assert.deepEqual(
      { page_uri, docs_instance, version },
      { page_uri: `${site.origin}${path}`, version: undefined, ...expected },
    );
  });
}

test("search has the place of the theme's bar, knows the reader's version and opens headings inside the site", async () => {
  const page = await openSitePage("/docs/1.0/intro");
  await page.evaluate(() => (window.loadedOnce = true));
  const bar = page.locator(".navbar").getByRole("button", { name: "Search" });
  await bar.locator("kbd").first().waitFor();
  await bar.click();
  await page.keyboard.type("begin");
  const sections = page.getByRole("option", { name: /^Begin/ });
  await sections.nth(2).waitFor();
  assert.equal(chat.gateway.searches.at(-1).version, "1.0");
  const titles = page.getByRole("option", { name: /^Guide/ });
  assert.deepEqual(
    await titles.evaluateAll((found) => found.map((title) => title.querySelector(".badges")?.textContent ?? "")),
    ["2.0", "", "Next"],
  );
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Guide", level: 1 }).waitFor();
  assert.equal(page.url(), `${site.origin}/docs/guide#begin`);
  assert.equal(await page.evaluate(() => window.loadedOnce), true, "the page was loaded anew");
});

test("the page of results has all of them, and Back keeps its words", async () => {
  const page = await openSitePage("/docs/intro");
  await page.goto(`${site.origin}/search?q=begin`);
  const found = page.getByRole("link", { name: "Begin" });
  await found.nth(2).waitFor();
  await found.first().click();
  await page.waitForURL("**/docs/guide#begin");
  await page.goBack();
  await found.nth(2).waitFor();
  assert.equal(await page.getByRole("searchbox").inputValue(), "begin");
});

test("a script of the page opens the chat, asks and closes it", async () => {
  const page = await readPage("/docs/intro");
  const dialog = page.getByRole("dialog", { name: "Ask the docs" });
  await page.evaluate(() => window.docsChat.close());
  await dialog.waitFor({ state: "hidden" });
  await page.evaluate(() => window.docsChat.ask("anything"));
  await answered(page);
  await page.locator(".question", { hasText: "anything" }).waitFor();
});

for (const [path, question] of [
  ["/community/contributing", "What is this?"],
  ["/docs/1.0/intro", "What was this?"],
  ["/docs/guide", "What does the guide say?"],
]) {
  test(`an empty conversation on ${path} begins with “${question}”`, async () => {
    const page = await readPage(path);
    await page.getByRole("button", { name: question }).waitFor();
  });
}

test("the questions to start with follow the reader to other pages", async () => {
  const page = await readPage("/docs/1.0/intro");
  await page.getByRole("button", { name: "What was this?" }).waitFor();
  await page.locator("nav.navbar a", { hasText: "Community" }).click();
  await page.getByRole("button", { name: "What is this?" }).waitFor();
});

test("the item of the navbar opens the chat", async () => {
  const page = await visit("/docs/intro");
  await page.locator("nav.navbar").getByRole("button", { name: "Get help" }).click();
  await page.getByRole("dialog", { name: "Ask the docs" }).waitFor();
});

test("a page that the owner names has no button, and the next one has", async () => {
  const page = await visit("/");
  await page.locator("docs-chat-launcher").waitFor({ state: "attached" });
  assert.equal(await page.locator("docs-chat-launcher .ask").isVisible(), false);
  await page.getByRole("link", { name: "Introduction" }).click();
  await page.locator("docs-chat-launcher .ask").waitFor();
});

test("a page of the docs is asked about and copied as Markdown, each page for itself", async () => {
  const page = await visit("/docs/intro");
  await page.getByRole("button", { name: "Copy page as Markdown" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/docs\/intro\n$/);
  await page.locator("nav.navbar a", { hasText: "Community" }).click();
  await page.waitForURL("**/community/contributing");
  await page.getByRole("button", { name: "Copy page as Markdown" }).waitFor();
  assert.equal(await page.locator("docs-chat-page-actions").count(), 1);
  await page.getByRole("button", { name: "Ask about this page" }).click();
  await page.locator(".quote blockquote", { hasText: "This page: Contributing" }).waitFor();
});

test("a link with a question opens the chat of a Docusaurus site", async () => {
  const page = await visit("/docs/guide?ask=How+do+I+begin%3F");
  await page.getByRole("dialog", { name: "Ask the docs" }).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Your question" }).inputValue(), "How do I begin?");
  assert.equal(page.url(), `${site.origin}/docs/guide`);
});

describe("on a phone", () => {
  const phone = { viewport: { width: 390, height: 780 }, hasTouch: true };

  test("Tab stays inside", async () => {
    const page = await readPage("/docs/intro", phone);
    for (let stop = 0; stop < 8; stop += 1) {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.localName), "docs-chat-panel");
    }
  });

  test("a page that is loaded for a citation is not covered by the chat again", async () => {
    const page = await readPage("/docs/intro", phone);
    await followCitation(page, "/fr/docs/guide");
    await page.getByRole("heading", { name: "Guide en français" }).waitFor();
    await page.goto(`${site.origin}/docs/guide`);
    await page.locator("docs-chat-launcher .ask").waitFor();
    assert.equal(await page.locator("docs-chat-panel").count(), 0);
  });
});
