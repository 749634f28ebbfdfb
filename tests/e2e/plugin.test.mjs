/** The plugin on the real built docs/ site (`make docs-site`), with the gateway on another origin. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { answered, ask, launchBrowser, openPage } from "./browser.mjs";
import { ANSWERS } from "./scripted_answers.mjs";
import { startScriptedGateway } from "./scripted_gateway.mjs";

const BUILD = fileURLToPath(new URL("../../docs/build/", import.meta.url));
/** The gateway that docs/docusaurus.config.js names; its requests are led to the scripted one. */
const CONFIGURED = "http://127.0.0.1:8000";
const START = "/docs/index-your-site";

let browser;
let site;
let chat;
let opened;

describe(
  "the plugin",
  { skip: existsSync(`${BUILD}index.html`) ? false : "docs/build is not there: run `make docs-site`" },
  () => {
    before(async () => {
      browser = await launchBrowser();
      site = await startScriptedGateway({ folder: BUILD });
    });
    after(async () => {
      await browser.close();
      await site.stop();
    });
    afterEach(async () => {
      await opened.page.context().close();
      await chat.stop();
      assert.deepEqual(opened.trouble, []);
      const allowed = new Set([new URL(site.origin).host, new URL(CONFIGURED).host]);
      assert.deepEqual(
        [...opened.hosts].filter((host) => !allowed.has(host)),
        [],
      );
    });

    async function docsPage(options) {
      chat = await startScriptedGateway({ pace: 2, origins: [site.origin] });
      opened = await openPage(browser, `${site.origin}${START}`, options);
      await opened.page.route(`${CONFIGURED}/**`, (route) =>
        route.continue({ url: route.request().url().replace(CONFIGURED, chat.origin) }),
      );
      return opened.page;
    }

    async function openChat(page) {
      assert.match(await page.locator("docs-chat-launcher .ask").ariaSnapshot(), /button "Ask"/);
      await page.locator("docs-chat-launcher .ask").click();
      await page.getByRole("dialog", { name: "Ask the docs" }).waitFor();
    }

    test("loads the panel only when it is wanted", async () => {
      const page = await docsPage();
      await page.locator("docs-chat-launcher .ask").waitFor();
      assert.equal(await page.locator("docs-chat-panel").count(), 0);
      await page.keyboard.press("Control+i");
      await page.getByRole("dialog", { name: "Ask the docs" }).waitFor();
      await page.keyboard.press("Control+i");
      await page.getByRole("dialog", { name: "Ask the docs" }).waitFor({ state: "hidden" });
    });

    test("tells page, docs, language and tabs, and is one reader without cookies", async () => {
      const page = await docsPage();
      await page.evaluate(() => localStorage.setItem("docusaurus.tab.source", "built"));
      await openChat(page);
      await ask(page, "anything");
      await answered(page);
      const [request] = chat.gateway.requests;
      assert.deepEqual(request.context, {
        page_uri: `${site.origin}${START}`,
        page_title: "Index your own site",
        docs_instance: "default",
        locale: "en",
        tabs: ["source=built"],
      });
      assert.equal(request.reader, "reader-token-1");
      assert.equal(request.cookie, undefined);
    });

    test("follows a citation inside the site and stays open", async () => {
      const page = await docsPage();
      await page.evaluate(() => (window.loadedOnce = true));
      ANSWERS.well.annotations[0].source.data.href = `${site.origin}/docs/quick-start#what-do-i-need`;
      await openChat(page);
      await ask(page, "anything");
      await answered(page);
      await page.locator(".answer .chip").first().click();
      await page.getByRole("heading", { name: "Quick start", level: 1 }).waitFor();
      assert.equal(new URL(page.url()).hash, "#what-do-i-need");
      assert.equal(await page.evaluate(() => window.loadedOnce), true, "the page was loaded anew");
      assert.ok(await page.getByRole("dialog", { name: "Ask the docs" }).isVisible());
      await page.goBack();
      await page.getByRole("heading", { name: "Index your own site", level: 1 }).waitFor();
    });

    test("asks about selected text", async () => {
      const page = await docsPage();
      await page.locator("article p").first().selectText();
      await page.mouse.move(5, 5);
      await page.keyboard.press("Shift");
      await page.getByRole("button", { name: "Ask about this" }).click();
      await page.locator(".quote blockquote").waitFor();
      await ask(page, "What does this mean?");
      await answered(page);
      assert.ok(chat.gateway.requests[0].params.input.quoted_text.length > 20);
    });

    test("follows the colour mode of the site", async () => {
      const page = await docsPage({ colorScheme: "light" });
      await openChat(page);
      await page.evaluate(() => document.documentElement.setAttribute("data-theme", "dark"));
      await page.locator("docs-chat-panel[data-mode=dark]").waitFor({ state: "attached" });
    });

    test("fills a phone and is modal there", async () => {
      const page = await docsPage({ viewport: { width: 390, height: 780 }, hasTouch: true });
      await openChat(page);
      const dialog = page.getByRole("dialog", { name: "Ask the docs" });
      assert.equal(await dialog.getAttribute("aria-modal"), "true");
      assert.deepEqual(await dialog.boundingBox(), { x: 0, y: 0, width: 390, height: 780 });
    });
  },
);
