/** Search and ask in one box, on the real built docs/ site (`make docs-site`), with the gateway on another origin. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser, openPage } from "./browser.mjs";
import { startScriptedGateway } from "./scripted_gateway.mjs";

const BUILD = fileURLToPath(new URL("../../docs/build/", import.meta.url));
/** The gateway and the address that docs/docusaurus.config.js names. */
const CONFIGURED = "http://127.0.0.1:8000";
const CANONICAL = "https://docs-chat.example";
const START = "/docs/index-your-site";

let browser;
let site;
let chat;
let opened;

describe(
  "the search",
  { skip: existsSync(`${BUILD}index.html`) ? false : "docs/build is not there: run `make docs-site`" },
  () => {
    before(async () => {
      browser = await launchBrowser();
      site = await startScriptedGateway({ folder: BUILD });
    });
    after(async () => {
      await browser?.close();
      await site?.stop();
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

    /** A page of the docs whose search finds pages at their canonical address, as the real gateway does. */
    async function docsPage(options, path = START) {
      chat = await startScriptedGateway({ pace: 2, origins: [site.origin] });
      chat.gateway.siteOrigin = CANONICAL;
      opened = await openPage(browser, `${site.origin}${path}`, options);
      const { page } = opened;
      await page
        .context()
        .route(`${CONFIGURED}/**`, (route) =>
          route.continue({ url: route.request().url().replace(CONFIGURED, chat.origin) }),
        );
      await page.locator("docs-chat-launcher .ask").waitFor();
      // The hint is there once the bar listens.
      await bar(page).locator("kbd").first().waitFor({ state: "attached" });
      return page;
    }

    const bar = (page) => page.getByRole("button", { name: "Search", exact: true });
    const box = (page) => page.getByRole("combobox", { name: "Search the docs" });
    const option = (page, name) => page.getByRole("option", { name });
    const dialog = (page) => page.getByRole("dialog", { name: "Search the docs" });
    const chosen = (page) => page.locator("docs-chat-search [role=option][aria-selected=true]");

    async function search(page, words) {
      await page.keyboard.press("Control+k");
      await box(page).waitFor();
      await page.keyboard.type(words);
    }

    /** Waits until the answer to all words in the box is shown. */
    async function settled(page) {
      const words = await box(page).inputValue();
      await until(() => chat.gateway.searches.at(-1)?.q === words);
      await page.locator("docs-chat-search dialog:not(.pending)").waitFor();
    }

    async function loadedOnce(page) {
      return page.evaluate(() => window.loadedOnce === true);
    }

    test("opens by button, Ctrl+K and slash, but not while something is written", async () => {
      const page = await docsPage();
      assert.match(await bar(page).innerText(), /Search\s*Ctrl\s*K/);
      for (const open of [
        () => bar(page).click(),
        () => page.keyboard.press("Control+k"),
        () => page.keyboard.press("/"),
      ]) {
        await open();
        await dialog(page).waitFor();
        assert.equal(await box(page).inputValue(), "");
        await page.keyboard.press("Escape");
        await dialog(page).waitFor({ state: "hidden" });
      }
      await page.keyboard.press("Control+i");
      const question = page.getByRole("textbox", { name: "Your question" });
      await question.waitFor();
      await page.keyboard.type("either/or");
      assert.equal(await question.inputValue(), "either/or");
      assert.equal(await dialog(page).isVisible(), false);
    });

    test("is a combobox whose options are found, marked and grouped by page", async () => {
      const page = await docsPage();
      await search(page, "start doc");
      await option(page, /What do I need/).waitFor();
      await settled(page);
      const input = box(page);
      assert.equal(await input.getAttribute("aria-expanded"), "true");
      assert.equal(await input.getAttribute("aria-autocomplete"), "list");
      const list = page.getByRole("listbox", { name: "Results" });
      assert.equal(await list.getAttribute("id"), await input.getAttribute("aria-controls"));
      assert.deepEqual(
        await list.getByRole("group").evaluateAll((groups) => groups.map((group) => group.children.length)),
        [4, 2, 2],
      );
      assert.equal(await page.getByRole("group", { name: "Quick start" }).count(), 1);
      assert.deepEqual(
        await option(page, /Without Docker/)
          .locator("mark")
          .allTextContents(),
        ["Start", "Doc"],
      );
      assert.equal(
        await option(page, /Without Docker/)
          .locator(".path")
          .innerText(),
        "Start it › Without Docker",
      );
      assert.equal(await chosen(page).getAttribute("id"), await input.getAttribute("aria-activedescendant"));
      assert.match(await chosen(page).innerText(), /What do I need\?/);
      await page.getByRole("status").getByText("5 results").waitFor({ state: "attached" });
    });

    test("tells where the reader is, and no more", async () => {
      const page = await docsPage();
      await search(page, "start");
      await settled(page);
      assert.deepEqual(chat.gateway.searches.at(-1), {
        ...{ q: "start", limit: "12", per_page: "4", page_uri: `${site.origin}${START}`, docs_instance: "default" },
        ...{ locale: "en", reader: undefined, aborted: false },
      });
    });

    test("keeps old results until new ones come, and never shows those of an older keystroke", async () => {
      const page = await docsPage();
      await search(page, "start");
      await option(page, /^Start it Run/).waitFor();
      await settled(page);
      await page.keyboard.type(" hold");
      await page.waitForFunction(() => document.querySelector("docs-chat-search").shadowRoot.querySelector(".pending"));
      await until(() => chat.gateway.searches.at(-1).q === "start hold");
      assert.equal(await option(page, /^Start it Run/).count(), 1);
      await box(page).fill("retriever");
      await option(page, /^Retriever/).waitFor();
      await settled(page);
      chat.gateway.release();
      assert.equal(chat.gateway.searches.find((each) => each.q === "start hold").aborted, true);
      assert.equal(await option(page, /^Start it Run/).count(), 0);
    });

    test("is led by arrows, Home and End around the list", async () => {
      const page = await docsPage();
      await search(page, "retriever");
      await option(page, /^Retriever/).waitFor();
      await settled(page);
      const steps = [
        ["ArrowDown", /All results for “retriever”/],
        ["ArrowDown", /Ask: retriever/],
        ["ArrowDown", /^Configuration/],
        ["ArrowUp", /Ask: retriever/],
        ["Home", /^Configuration/],
        ["End", /Ask: retriever/],
      ];
      for (const [key, expected] of steps) {
        await page.keyboard.press(key);
        assert.match(await chosen(page).innerText(), expected, key);
      }
      assert.equal(await page.evaluate(() => document.activeElement.localName), "docs-chat-search");
    });

    test("Enter opens the chosen heading inside the site, and the words are remembered", async () => {
      const page = await docsPage();
      await page.evaluate(() => (window.loadedOnce = true));
      await search(page, "virtual env");
      await option(page, /Without Docker/).waitFor();
      await settled(page);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Quick start", level: 1 }).waitFor();
      assert.equal(page.url(), `${site.origin}/docs/quick-start#start-without-docker`);
      assert.ok(await loadedOnce(page), "the page was loaded anew");
      assert.equal(await dialog(page).isVisible(), false);
      await page.keyboard.press("Control+k");
      await option(page, "virtual env").waitFor();
    });

    test("Enter before the answer has come opens its best result", async () => {
      const page = await docsPage();
      await search(page, "hold");
      await until(() => chat.gateway.searches.length === 1);
      await box(page).fill("retriever hold");
      await page.keyboard.press("Enter");
      await until(() => chat.gateway.searches.at(-1).q === "retriever hold");
      assert.ok(await dialog(page).isVisible());
      chat.gateway.release();
      await page.waitForURL("**/docs/configuration#retriever");
    });

    test("Enter with a modifier opens a new tab and the search stays", async () => {
      const page = await docsPage();
      await search(page, "retriever");
      await option(page, /^Retriever/).waitFor();
      await settled(page);
      const [tab] = await Promise.all([page.context().waitForEvent("page"), page.keyboard.press("Control+Enter")]);
      await tab.waitForURL("**/docs/configuration#retriever");
      assert.ok(await dialog(page).isVisible());
    });

    test("Tab asks, as the last row does", async () => {
      const page = await docsPage();
      for (const hand of [() => page.keyboard.press("Tab"), () => option(page, /^Ask: how do I start/).click()]) {
        await search(page, "how do I start");
        await option(page, /^Ask: how do I start/).waitFor();
        await settled(page);
        await hand();
        await page.getByRole("dialog", { name: "Ask the docs" }).waitFor();
        assert.equal(await dialog(page).isVisible(), false);
        await until(() => chat.gateway.requests.length > 0);
        assert.equal(chat.gateway.requests.pop().params.input.content[0].text, "how do I start");
        await page.getByRole("button", { name: "This helped" }).last().waitFor();
      }
    });

    test("Escape clears, then closes with the focus back on the bar", async () => {
      const page = await docsPage();
      await bar(page).click();
      await page.keyboard.type("start");
      await option(page, /^Start it Run/).waitFor();
      await page.keyboard.press("Escape");
      assert.equal(await box(page).inputValue(), "");
      await page.keyboard.press("Escape");
      await dialog(page).waitFor({ state: "hidden" });
      assert.equal(await bar(page).evaluate((element) => element === document.activeElement), true);
    });

    test("the page below does not scroll and does not jump", async () => {
      const page = await docsPage();
      const before = await page.locator("main").boundingBox();
      await search(page, "start");
      await page.mouse.move(20, 700);
      await page.mouse.wheel(0, 400);
      assert.equal(await page.evaluate(() => scrollY), 0);
      assert.deepEqual(await page.locator("main").boundingBox(), before);
      await page.mouse.click(20, 700);
      await dialog(page).waitFor({ state: "hidden" });
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).overflowY), "visible");
    });

    test("finding nothing offers to ask", async () => {
      const page = await docsPage();
      await search(page, "xyzzy");
      await page.getByText("Nothing found for “xyzzy”", { exact: true }).first().waitFor();
      assert.match(await chosen(page).innerText(), /Ask: xyzzy/);
    });

    test("a failure is told in words, and Enter tries again", async () => {
      const page = await docsPage();
      await search(page, "many start");
      await page.locator(".failure", { hasText: "Please wait 7 s." }).waitFor();
      await page.keyboard.press("Enter");
      await option(page, /^Start it Run/).waitFor();
    });

    test("a gateway that asks who reads is told", async () => {
      const page = await docsPage();
      await search(page, "login start");
      await option(page, /^Start it Run/).waitFor();
      assert.deepEqual(
        chat.gateway.searches.map((each) => each.reader),
        [undefined, "reader-token-1"],
      );
    });

    test("says what was corrected, and where results come from", async () => {
      const page = await docsPage();
      await search(page, "dokcer");
      await page.getByText("Results for “docker”", { exact: true }).waitFor();
      await box(page).fill("fancy");
      await page.getByText("Nothing in your version. From 3.0:").first().waitFor();
      const found = option(page, /^La fantaisie/);
      assert.deepEqual(await found.locator(".badge").allTextContents(), ["3.0", "French"]);
      assert.equal(await found.getAttribute("href"), `${CANONICAL}/fr/docs/3.0/fantaisie`);
    });

    test("nothing that was found is executed", async () => {
      const page = await docsPage();
      await search(page, "hostile");
      await option(page, /onerror/)
        .first()
        .waitFor();
      const dangerous = await page.evaluate(() => {
        const { shadowRoot } = document.querySelector("docs-chat-search");
        return shadowRoot.querySelectorAll("img, script, b, code, [href^=javascript]").length;
      });
      assert.equal(dangerous, 0);
      assert.equal(await page.evaluate(() => window.hacked), undefined);
    });

    test("recent searches are chosen, removed and cleared", async () => {
      const page = await docsPage();
      const stored = ["docker", "virtual env", "start"];
      await page.evaluate((words) => localStorage.setItem("docs-chat.searches:/", JSON.stringify(words)), stored);
      await page.keyboard.press("/");
      await option(page, "virtual env").waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Delete");
      assert.equal(await option(page, "docker").count(), 0);
      await option(page, "virtual env").click();
      assert.equal(await box(page).inputValue(), "virtual env");
      await option(page, /Without Docker/).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Clear", exact: true }).click();
      await page.getByText("Type what you are looking for").waitFor();
      assert.equal(await page.evaluate(() => localStorage.getItem("docs-chat.searches:/")), null);
    });

    describe("loaded late", () => {
      /** Holds back the chunk with the dialog; `go` lets it through, or ends it. */
      async function slowPage() {
        const page = await docsPage();
        const first = new Set(
          await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name)),
        );
        let go;
        const word = new Promise((resolve) => (go = resolve));
        await page.route("**/assets/js/*.js", async (route) => {
          if (first.has(route.request().url())) return route.continue();
          return (await word) === "fail" ? route.abort() : route.continue();
        });
        return { page, go };
      }

      test("what is typed meanwhile stands in the box", async () => {
        const { page, go } = await slowPage();
        await page.keyboard.press("Control+k");
        await page.keyboard.type("stark");
        await page.keyboard.press("Backspace");
        await page.keyboard.type("t");
        go();
        await option(page, /^Start it Run/).waitFor();
        assert.equal(await box(page).inputValue(), "start");
      });

      test("a failure is told in the bar", async () => {
        const { page, go } = await slowPage();
        go("fail");
        await page.keyboard.press("Control+k");
        await page.getByRole("alert").getByText("The search could not be loaded").waitFor();
      });
    });

    test("fills a phone, where touch opens a result", async () => {
      const page = await docsPage({
        viewport: { width: 390, height: 780 },
        hasTouch: true,
        isMobile: true,
        reducedMotion: "reduce",
      });
      await bar(page).tap();
      assert.deepEqual(await dialog(page).boundingBox(), { x: 0, y: 0, width: 390, height: 780 });
      await box(page).fill("retriever");
      await option(page, /^Retriever/).tap();
      await page.waitForURL("**/docs/configuration#retriever");
      await bar(page).tap();
      await page.getByRole("button", { name: "Close" }).tap();
      await dialog(page).waitFor({ state: "hidden" });
    });

    describe("the page of results", () => {
      const heading = (page, name) => page.getByRole("heading", { name, level: 2 });

      test("is reached from the dialog, follows its box and comes back as it was left", async () => {
        const page = await docsPage();
        await search(page, "virtual");
        await option(page, /All results/).click();
        await heading(page, "Quick start").waitFor();
        await page.evaluate(() => (window.loadedOnce = true));
        const input = page.getByRole("searchbox", { name: "Search the docs" });
        assert.equal(await input.inputValue(), "virtual");
        await input.fill("");
        await input.pressSequentially("retriever", { delay: 15 });
        await page.waitForURL("**/search?q=retriever");
        assert.equal(await input.inputValue(), "retriever");
        await page.getByRole("link", { name: "Retriever" }).click();
        await page.waitForURL("**/docs/configuration#retriever");
        await page.goBack();
        await heading(page, "Configuration").waitFor();
        assert.equal(await input.inputValue(), "retriever");
        await page.goForward();
        await page.waitForURL("**/docs/configuration#retriever");
        assert.ok(await loadedOnce(page), "a page was loaded anew");
      });

      test("shows more when asked to", async () => {
        const page = await docsPage({}, "/search?q=everything");
        for (const [shown, more] of [
          [15, true],
          [30, true],
          [50, false],
        ]) {
          await page.getByRole("status").getByText(`${shown} results`).waitFor();
          assert.equal(await page.getByRole("heading", { level: 2 }).count(), shown);
          const button = page.getByRole("button", { name: "More results" });
          assert.equal(await button.isVisible(), more);
          if (more) await button.click();
        }
      });

      test("is not for search engines, and asks", async () => {
        const page = await docsPage({}, "/search?q=xyzzy");
        await page.getByRole("status").getByText("Nothing found for “xyzzy”").waitFor();
        assert.match(await page.locator('meta[name="robots"]').getAttribute("content"), /noindex/);
        await page.getByRole("button", { name: "Ask: xyzzy" }).click();
        await page.getByRole("dialog", { name: "Ask the docs" }).waitFor();
      });
    });
  },
);

/** Waits for something that happens at the gateway. */
async function until(happened) {
  const end = Date.now() + 10_000;
  while (!happened()) {
    assert.ok(Date.now() < end, `waited in vain for ${happened}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
