/** The keyboard: where the focus goes when the panel, the history or an entry comes and goes. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answered, ask } from "./browser.mjs";
import { dialogOf, focused, launcherPages, openChat, PHONE } from "./launcher_pages.mjs";

const openLauncherPage = launcherPages();

describe("the focus comes back to the opener", () => {
  const waysToClose = {
    "the button": (page) => page.getByRole("button", { name: "Close" }).click(),
    Escape: (page) => page.keyboard.press("Escape"),
    "the shortcut": (page) => page.keyboard.press("Control+i"),
    "a call of the page": (page) => page.evaluate(() => window.docsChat.close()),
  };
  for (const [way, close] of Object.entries(waysToClose)) {
    test(`closed by ${way}, opened by a button of the page`, async () => {
      const { page } = await openLauncherPage();
      await page.evaluate(() => document.querySelector("#own").addEventListener("click", () => window.docsChat.open()));
      await page.locator("#own").click();
      await dialogOf(page).waitFor();
      assert.equal(await focused(page), "Your question");
      await close(page);
      await dialogOf(page).waitFor({ state: "hidden" });
      assert.equal(await focused(page), "own");
    });

    test(`closed by ${way}, opened by the Ask button and used`, async () => {
      const { page } = await openLauncherPage();
      await openChat(page);
      await page.keyboard.press("Enter");
      await ask(page, "anything");
      await answered(page);
      await close(page);
      await dialogOf(page).waitFor({ state: "hidden" });
      assert.equal(await focused(page), "ask");
    });
  }

  test("a click beside the modal is a way to close", async () => {
    const { page } = await openLauncherPage({ attributes: { mode: "modal" } });
    await openChat(page);
    await page.mouse.click(8, 400);
    await dialogOf(page).waitFor({ state: "hidden" });
    assert.equal(await focused(page), "ask");
  });

  test("an opener that is gone leaves it to the Ask button", async () => {
    const { page } = await openLauncherPage();
    await page.locator("#own").focus();
    await page.keyboard.press("Control+i");
    await dialogOf(page).waitFor();
    await page.evaluate(() => document.querySelector("#own").remove());
    await page.keyboard.press("Escape");
    assert.equal(await focused(page), "ask");
  });

  test("a reader who went back to the page is left there", async () => {
    const { page } = await openLauncherPage();
    await openChat(page);
    await page.locator("#own").focus();
    await page.evaluate(() => window.docsChat.close());
    assert.equal(await focused(page), "own");
  });

  test("a link that is followed on a phone", async () => {
    const { page } = await openLauncherPage(PHONE);
    await openChat(page);
    await page.evaluate(() => (document.querySelector("docs-chat-panel").navigate = () => true));
    await ask(page, "anything");
    await answered(page);
    await page.locator(".answer .chip").first().click();
    await dialogOf(page).waitFor({ state: "hidden" });
    assert.equal(await focused(page), "ask");
  });
});

describe("while an answer streams", () => {
  test("Enter neither sends nor starts a new line, and what is written stays", async () => {
    const { page, gateway } = await openLauncherPage();
    await openChat(page);
    await ask(page, "hold");
    await page.getByText("Reading 4 passages").waitFor();
    const field = page.getByRole("textbox", { name: "Your question" });
    await field.fill("the next one");
    await page.keyboard.press("Enter");
    assert.equal(await field.inputValue(), "the next one");
    assert.equal(gateway.aborted, 0);
    gateway.release();
    await answered(page);
    await page.keyboard.press("Enter");
    await page.locator(".question", { hasText: "the next one" }).waitFor();
  });

  test("a suggestion that is pressed leaves the focus in the question", async () => {
    const { page } = await openLauncherPage();
    await openChat(page);
    await ask(page, "anything");
    await answered(page);
    await page.getByRole("button", { name: "How do I roll back?" }).press("Enter");
    await page.locator(".question", { hasText: "How do I roll back?" }).waitFor();
    assert.equal(await focused(page), "Your question");
  });

  test("a thumb that was pressed keeps the focus and gives thanks, and the other one can be pressed instead", async () => {
    const { page, gateway } = await openLauncherPage();
    await openChat(page);
    await ask(page, "anything");
    await answered(page);
    await page.getByRole("button", { name: "This did not help" }).press("Enter");
    await page.getByText("Thank you.").waitFor();
    assert.equal(await focused(page), "This did not help");
    await page.getByRole("button", { name: "This helped" }).press("Enter");
    await page.getByRole("button", { name: "This helped", pressed: true }).waitFor();
    const kinds = gateway.requests.filter(({ type }) => type === "items.feedback").map(({ params }) => params.kind);
    assert.deepEqual(kinds, ["negative", "positive"]);
  });
});
