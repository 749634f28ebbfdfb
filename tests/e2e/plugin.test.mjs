/** The plugin on the real built docs/ site, with the gateway on another origin. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answered, ask } from "./browser.mjs";
import { docsPages, skip } from "./docs_pages.mjs";
import { dialogOf, focused, PHONE } from "./launcher_pages.mjs";
import { ANSWERS } from "./scripted_answers.mjs";

describe("the plugin", { skip }, () => {
  const openDocs = docsPages();

  async function openChat(page) {
    assert.match(await page.locator("docs-chat-launcher .ask").ariaSnapshot(), /button "Ask"/);
    await page.locator("docs-chat-launcher .ask").click();
    await dialogOf(page).waitFor();
  }

  test("loads the panel only when it is wanted", async () => {
    const { page } = await openDocs();
    await page.locator("docs-chat-launcher .ask").waitFor();
    assert.equal(await page.locator("docs-chat-panel").count(), 0);
    await page.keyboard.press("Control+i");
    await dialogOf(page).waitFor();
    await page.keyboard.press("Control+i");
    await dialogOf(page).waitFor({ state: "hidden" });
  });

  test("tells page, docs, language and tabs, and is one reader without cookies", async () => {
    const { page, gateway, origin } = await openDocs();
    await page.evaluate(() => localStorage.setItem("docusaurus.tab.source", "built"));
    await openChat(page);
    await ask(page, "anything");
    await answered(page);
    const [request] = gateway.requests;
    assert.deepEqual(request.context, {
      page_uri: `${origin}/docs/index-your-site`,
      page_title: "Index your own site",
      docs_instance: "default",
      locale: "en",
      tabs: ["source=built"],
    });
    assert.equal(request.reader, "reader-token-1");
    assert.equal(request.cookie, undefined);
  });

  test("follows a citation inside the site and stays open", async () => {
    const { page, origin } = await openDocs();
    await page.evaluate(() => (window.loadedOnce = true));
    ANSWERS.well.annotations[0].source.data.href = `${origin}/docs/quick-start#what-do-i-need`;
    await openChat(page);
    await ask(page, "anything");
    await answered(page);
    await page.locator(".answer .chip").first().click();
    await page.getByRole("heading", { name: "Quick start", level: 1 }).waitFor();
    assert.equal(new URL(page.url()).hash, "#what-do-i-need");
    assert.equal(await page.evaluate(() => window.loadedOnce), true, "the page was loaded anew");
    assert.ok(await dialogOf(page).isVisible());
    await page.goBack();
    await page.getByRole("heading", { name: "Index your own site", level: 1 }).waitFor();
  });

  test("asks about selected text", async () => {
    const { page, gateway } = await openDocs();
    await page.locator("article p").first().selectText();
    await page.mouse.move(5, 5);
    await page.keyboard.press("Shift");
    await page.getByRole("button", { name: "Ask about this" }).click();
    await page.locator(".quote blockquote").waitFor();
    await ask(page, "What does this mean?");
    await answered(page);
    assert.ok(gateway.requests[0].params.input.quoted_text.length > 20);
  });

  test("follows the colour mode of the site", async () => {
    const { page } = await openDocs({ colorScheme: "light" });
    await openChat(page);
    await page.evaluate(() => document.documentElement.setAttribute("data-theme", "dark"));
    await page.locator("docs-chat-panel[data-mode=dark]").waitFor({ state: "attached" });
  });

  test("says at the button that the panel could not be loaded, and tries again", async () => {
    const { page } = await openDocs();
    await page.route("**/assets/js/*.js", (route) => route.abort());
    await page.locator("docs-chat-launcher .ask").click();
    await page.getByText("The chat could not be loaded.").waitFor();
    assert.equal(await page.getByRole("alert").filter({ hasText: "could not be loaded" }).count(), 1);
    await page.unroute("**/assets/js/*.js");
    await page.getByRole("button", { name: "Try again" }).click();
    await dialogOf(page).waitFor();
    assert.equal(await page.getByText("The chat could not be loaded.").count(), 0);
  });

  test("keeps what was written through a reload, which leaves the focus alone", async () => {
    const { page } = await openDocs();
    await page.locator("article p").first().selectText();
    await page.keyboard.press("Shift");
    await page.getByRole("button", { name: "Ask about this" }).click();
    await page.getByRole("textbox", { name: "Your question" }).fill("half a quest");
    await page.reload();
    await dialogOf(page).waitFor();
    assert.equal(await page.getByRole("textbox", { name: "Your question" }).inputValue(), "half a quest");
    await page.locator(".quote blockquote", { hasText: "docs-chat reads" }).waitFor();
    assert.equal(await focused(page), "body");
  });

  test("leaves the site's own button in the corner to be pressed", async () => {
    const { page } = await openDocs();
    await page.evaluate(() => scrollTo(0, 900));
    await page.mouse.wheel(0, -300);
    const back = page.locator(".theme-back-to-top-button");
    await page.waitForFunction(() =>
      document.querySelector(".theme-back-to-top-button").checkVisibility({ visibilityProperty: true }),
    );
    const [theirs, ours] = [await back.boundingBox(), await page.locator("docs-chat-launcher .ask").boundingBox()];
    assert.ok(theirs.y + theirs.height <= ours.y, "it is covered");
  });

  test("tells an empty conversation where the reader is", async () => {
    const { page } = await openDocs();
    await openChat(page);
    await page.locator(".place-of-page", { hasText: /^English$/ }).waitFor();
  });

  test("shows the shortcut on the button, where there is a keyboard", async () => {
    const { page } = await openDocs();
    assert.equal(await page.locator("docs-chat-launcher kbd").innerText(), "Ctrl+I");
  });

  test("on a phone the page that is read is never covered again by a reload", async () => {
    const { page } = await openDocs(PHONE);
    assert.equal(await page.locator("docs-chat-launcher kbd").isVisible(), false);
    await openChat(page);
    await page.getByRole("button", { name: "Close" }).click();
    await page.reload();
    await page.locator("docs-chat-launcher .ask").waitFor();
    assert.equal(await page.locator("docs-chat-panel").count(), 0);
  });
});
