import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answered, ask } from "./browser.mjs";
import { gatewayPages } from "./launcher_pages.mjs";

const demoPage = gatewayPages();

describe("an answer", () => {
  test("shows the passages first, then streams the text with chips that link to headings", async () => {
    const { page, gateway, origin } = await demoPage();
    await ask(page, "How do I index my own site? hold");
    await page.getByText("Reading 4 passages").waitFor();
    assert.equal(await page.locator(".passages li").count(), 3);
    assert.equal(await page.locator(".answer p").count(), 0);
    gateway.release();
    await answered(page);
    const chips = page.locator(".answer .chip");
    assert.deepEqual(await chips.allTextContents(), ["1", "1", "2"]);
    assert.equal(await chips.first().getAttribute("href"), `${origin}/docs/index-your-site#how-do-i-index-my-own-site`);
    assert.match(
      await page.locator(".answer p").first().textContent(),
      /site 🚀1:$/u,
      "the chip stands behind the emoji",
    );
    assert.deepEqual(await page.locator(".sources .number").allTextContents(), ["1", "2"]);
    assert.equal(await page.getByText("qwen3-coder").count(), 0, "readers are not told the model");
  });

  test("sends the page it stands on, and the next question into the same thread", async () => {
    const { page, gateway, origin } = await demoPage();
    await ask(page, "first");
    await answered(page);
    await page.getByRole("button", { name: "How do I roll back?" }).click();
    await page.getByText("How do I roll back?").first().waitFor();
    await page.waitForFunction(
      () => document.querySelector("docs-chat-panel").shadowRoot.querySelectorAll(".turn").length === 2,
    );
    await answered(page);
    const [create, add] = gateway.requests;
    assert.equal(create.type, "threads.create");
    assert.equal(create.context.page_uri, `${origin}/`);
    assert.equal(add.type, "threads.add_user_message");
    assert.equal(add.params.thread_id, "thr_00000001");
  });

  test("never runs, loads or follows what the model wrote", async () => {
    const { page } = await demoPage();
    await ask(page, "injection");
    await answered(page);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator(".answer :is(img, script, style, iframe)").count(), 0);
    assert.equal(await page.locator(".answer a", { hasText: "click" }).count(), 0);
    assert.match(await page.locator(".answer").innerText(), /\bclick\b/, "the words of an odd link stay");
    assert.equal(await page.locator(".answer a", { hasText: "fine" }).getAttribute("rel"), "noopener noreferrer");
    await page.getByText("Not found in the passages, please check: --force-push").waitFor();
  });

  test("names the model and the time where the owner wants that", async () => {
    const { page } = await demoPage();
    await page.evaluate(() => document.querySelector("docs-chat-panel").setAttribute("show-origin", ""));
    await ask(page, "anything");
    await page.getByText("qwen3-coder · 2.3 s").waitFor();
  });

  test("says above the quotations that no language model wrote them", async () => {
    const { page } = await demoPage();
    await ask(page, "extractive");
    await answered(page);
    const parts = await page.locator(".turn > :not(:empty)").evaluateAll((all) => all.map((part) => part.className));
    assert.deepEqual(parts.slice(0, 4), ["asked", "notices", "found", "answer"]);
    await page.locator(".asked + .notices", { hasText: "No language model answered" }).waitFor();
  });

  test("says once that the docs do not cover the question", async () => {
    const { page } = await demoPage();
    await ask(page, "not covered");
    await answered(page);
    assert.equal(
      await page
        .locator(".turn")
        .getByText(/not cover/)
        .count(),
      2,
      "the question and the answer",
    );
  });

  test("can be rated and its code copied", async () => {
    const { page, gateway } = await demoPage();
    await ask(page, "anything");
    await answered(page);
    await page.getByRole("button", { name: "This helped" }).click();
    await page.getByRole("button", { name: "This helped", pressed: true }).waitFor();
    await page.getByText("Thank you.").waitFor();
    await page.getByRole("button", { name: "Copy code" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(
      await page.evaluate(() => navigator.clipboard.readText()),
      "make ingest SITE=../my-docs BASE_URL=https://docs.example.com",
    );
    const feedback = gateway.requests.find((request) => request.type === "items.feedback");
    assert.equal(feedback.params.kind, "positive");
    assert.deepEqual(feedback.params.item_ids, ["msg_00000003"]);
  });
});

describe("trouble", () => {
  test("Stop closes the connection and keeps what was written", async () => {
    const { page, gateway } = await demoPage();
    await ask(page, "a slow one");
    await page.locator(".answer pre").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("You stopped this answer.").waitFor();
    await waitUntil(() => gateway.aborted === 1);
    await page.getByRole("button", { name: "Answer again" }).click();
    await waitUntil(() => gateway.requests.at(-1).type === "threads.retry_after_item");
    assert.equal(gateway.requests.at(-1).params.item_id, "msg_00000002");
  });

  for (const [question, message] of [
    ["overloaded", "The docs assistant is restarting."],
    ["error event", "No model is free at the moment."],
    ["drop", "The connection to the docs assistant was lost."],
  ]) {
    test(`“${question}” is told in words and Try again answers`, async () => {
      const { page } = await demoPage();
      await ask(page, question);
      await page.locator(".notice.danger", { hasText: message }).waitFor();
      await page.getByRole("button", { name: "Try again" }).click();
      await answered(page);
      assert.equal(await page.locator(".turn").count(), 1);
      assert.equal(await page.locator(".notice.danger").count(), 0);
    });
  }

  test("a question that is refused for good offers no second try", async () => {
    const { page } = await demoPage();
    await ask(page, "refused");
    await page.locator(".notice.danger", { hasText: "The question is too long." }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
  });
});

describe("conversations", () => {
  test("are listed, opened, renamed and deleted", async () => {
    const { page } = await demoPage();
    await ask(page, "the first thread");
    await answered(page);
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByText("Ask about the documentation").waitFor();
    await page.getByRole("button", { name: "Your conversations" }).click();
    await page.getByRole("button", { name: /^Rename/ }).click();
    await page.getByRole("textbox", { name: "New title" }).fill("Renamed");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Renamed/ }).click();
    await page.locator(".question", { hasText: "the first thread" }).waitFor();
    assert.equal(await page.locator(".answer .chip").count(), 3);
    await page.getByRole("button", { name: "Your conversations" }).click();
    await page.getByRole("button", { name: "Delete “Renamed”" }).click();
    await page.locator(".entry").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.getByText("Ask about the documentation").waitFor();
  });

  test("go on after the page was loaded anew", async () => {
    const { page } = await demoPage();
    await ask(page, "before the reload");
    await answered(page);
    await page.reload();
    await page.locator(".question", { hasText: "before the reload" }).waitFor();
    assert.equal(await page.locator(".sources li").count(), 2);
  });
});

describe("everyone", () => {
  test("hears one announcement per answer and finds names on all controls", async () => {
    const { page } = await demoPage();
    await page.evaluate(() => {
      window.announcements = [];
      const status = document.querySelector("docs-chat-panel").shadowRoot.querySelector(".hidden[role=status]");
      new MutationObserver(() => window.announcements.push(status.textContent)).observe(status, { childList: true });
    });
    await ask(page, "anything");
    await answered(page);
    await page.waitForFunction(() => window.announcements.length > 0);
    const announcements = await page.evaluate(() => window.announcements);
    assert.equal(announcements.length, 1);
    assert.match(announcements[0], /^Answer: Point make ingest/);
    const nameless = await page.evaluate(() => {
      const root = document.querySelector("docs-chat-panel").shadowRoot;
      return [...root.querySelectorAll("button")].filter((button) => !button.ariaLabel && !button.textContent.trim())
        .length;
    });
    assert.equal(nameless, 0);
    assert.equal(await page.getByRole("region", { name: "Ask the docs" }).count(), 1);
  });

  test("with reduced motion sees nothing move", async () => {
    const { page, gateway } = await demoPage({ reducedMotion: "reduce" });
    await ask(page, "hold");
    await page.getByText("Reading 4 passages").waitFor();
    assert.equal(await page.locator(".pulse").evaluate((dot) => getComputedStyle(dot).animationName), "none");
    gateway.release();
    await answered(page);
  });

  test("with a dark system gets a dark panel, and the site's own choice wins", async () => {
    const { page } = await demoPage({ colorScheme: "dark" });
    const mode = () => page.locator("docs-chat-panel").getAttribute("data-mode");
    assert.equal(await mode(), "dark");
    await page.evaluate(() => (document.documentElement.dataset.theme = "light"));
    await page.locator("docs-chat-panel[data-mode=light]").waitFor();
  });

  for (const [accent, text] of [
    ["#1f5fa8", "white"],
    ["#707070", "white"],
    ["#25c2a0", "black"],
    ["#ffb300", "black"],
  ]) {
    test(`reads ${text} on an accent of ${accent}`, async () => {
      const { page } = await demoPage();
      await page.evaluate((color) => document.documentElement.style.setProperty("--ifm-color-primary", color), accent);
      await page.getByRole("textbox", { name: "Your question" }).fill("anything");
      const [red, green, blue] = await page.locator(".send").evaluate((send) => {
        const drawn = new OffscreenCanvas(1, 1).getContext("2d");
        drawn.fillStyle = getComputedStyle(send).color;
        drawn.fillRect(0, 0, 1, 1);
        return Array.from(drawn.getImageData(0, 0, 1, 1).data);
      });
      const expected = text === "white" ? 255 : 0;
      assert.ok(
        [red, green, blue].every((channel) => Math.abs(channel - expected) < 3),
        `${red} ${green} ${blue}`,
      );
    });
  }

  test("on a phone the page does not scroll sideways", async () => {
    const { page } = await demoPage({ viewport: { width: 360, height: 640 }, hasTouch: true });
    await ask(page, "anything");
    await answered(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  });
});

describe("the modal", () => {
  test("opens and closes by the keyboard, keeps the focus inside and gives it back", async () => {
    const { page } = await demoPage();
    await page.evaluate(() => {
      document.querySelector("docs-chat-panel").remove();
      const panel = document.createElement("docs-chat-panel");
      panel.setAttribute("mode", "modal");
      document.body.append(panel);
      document.querySelector(".about a").focus();
    });
    await page.keyboard.press("Control+i");
    const dialog = page.getByRole("dialog", { name: "Ask the docs" });
    await dialog.waitFor();
    assert.equal(await dialog.getAttribute("aria-modal"), "true");
    for (let stop = 0; stop < 12; stop += 1) {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.localName), "docs-chat-panel");
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Documentation");
  });
});

async function waitUntil(holds) {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  assert.ok(holds(), `waited for ${holds}`);
}
