/** What a page's owner may set, call and hear: the launcher on a page of its own, without Docusaurus. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { answered, ask, launchBrowser, openPage } from "./browser.mjs";
import { startScriptedGateway } from "./scripted_gateway.mjs";

const PANEL = fileURLToPath(new URL("../../frontend/docusaurus-plugin-docs-chat/", import.meta.url));

let browser;
let folder;
let server;
let opened;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "docs-chat-owners-"));
  await promisify(execFile)("node", ["build.mjs", "--panel-to", join(folder, "docs-chat.js")], { cwd: PANEL });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await opened.page.context().close();
  await server.stop();
  assert.deepEqual(opened.trouble, []);
  assert.deepEqual([...opened.hosts], [new URL(server.origin).host], "a request left for somebody else");
});

/** A page with a launcher of these attributes; `told` collects the events of the chat. */
async function pageWith(attributes = "", { query = "", body = "" } = {}) {
  await writeFile(
    join(folder, "page.html"),
    `<!doctype html><html lang="en"><title>A page</title><script src="/docs-chat.js" defer></script>
     <h1>A page</h1><p><a href="#end">A link</a></p>${body}<p id="end"><a href="#">Last link</a></p>
     <docs-chat-launcher ${attributes}></docs-chat-launcher></html>`,
  );
  server = await startScriptedGateway({ pace: 2, folder });
  opened = await openPage(browser, "about:blank");
  await opened.page.addInitScript(() => {
    window.told = [];
    for (const name of "ready opened closed asked answered not-covered failed cited feedback copied".split(" "))
      document.addEventListener(`docs-chat:${name}`, ({ detail }) => window.told.push([name, detail]));
  });
  await opened.page.goto(`${server.origin}/page${query}`);
  await opened.page.waitForFunction(() => window.docsChat);
  return opened.page;
}

const dialog = (page) => page.getByRole("dialog", { name: "Ask the docs" });
const field = (page) => page.getByRole("textbox", { name: "Your question" });
const names = (page) => page.evaluate(() => window.told.map(([name]) => name));

describe("a link with a question", () => {
  test("opens the chat with the question filled in, and the address forgets it", async () => {
    const page = await pageWith("", { query: "?ask=How+do+I+begin%3F&tab=1#end" });
    await dialog(page).waitFor();
    assert.equal(await field(page).inputValue(), "How do I begin?");
    assert.equal(page.url(), `${server.origin}/page?tab=1#end`);
    assert.equal(server.gateway.requests.length, 0, "a question was sent that nobody has read");
  });

  test("asks where the owner says so", async () => {
    const page = await pageWith('ask-links="ask"', { query: "?ask=anything" });
    await answered(page);
    await page.locator(".question", { hasText: "anything" }).waitFor();
  });

  test("does nothing where the owner says so", async () => {
    const page = await pageWith('ask-links="none"', { query: "?ask=anything" });
    await page.locator("docs-chat-launcher .ask").waitFor();
    assert.equal(await dialog(page).count(), 0);
  });
});

describe("ways into the chat", () => {
  test("are the owner's own where the button is left away", async () => {
    const body = `<button data-docs-chat-open>Help</button><a href="/" data-docs-chat-ask="anything">Ask this</a>`;
    const page = await pageWith('launcher="false"', { body });
    assert.equal(await page.locator("docs-chat-launcher .ask").isVisible(), false);
    await page.getByRole("button", { name: "Help" }).click();
    await dialog(page).waitFor();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "hidden" });
    await page.getByRole("link", { name: "Ask this" }).click();
    await answered(page);
  });

  test("are none on pages where the launcher is hidden, until it is shown again", async () => {
    const page = await pageWith("hidden", { body: "<button data-docs-chat-open>Help</button>" });
    await page.keyboard.press("Control+i");
    assert.equal(await page.locator("docs-chat-launcher .ask").isVisible(), false);
    assert.equal(await dialog(page).count(), 0);
    await page.evaluate(() => (document.querySelector("docs-chat-launcher").hidden = false));
    await page.keyboard.press("Control+i");
    await dialog(page).waitFor();
  });

  test("have the owner's shortcut, and it is typed as usual in fields", async () => {
    const page = await pageWith('shortcut="?"');
    assert.equal(await page.locator("docs-chat-launcher .ask").getAttribute("title"), "Ask (?)");
    await page.keyboard.press("Control+i");
    assert.equal(await dialog(page).count(), 0);
    await page.keyboard.press("?");
    await dialog(page).waitFor();
    await page.keyboard.type("What?");
    assert.equal(await field(page).inputValue(), "What?");
  });

  test("are calls of scripts, told apart by instance", async () => {
    const page = await pageWith('heading="First"', {
      body: '<docs-chat-launcher instance="api" heading="Second"></docs-chat-launcher>',
    });
    await page.evaluate(() => window.docsChat.instance("api").fill("Which?"));
    await page.getByRole("dialog", { name: "Second" }).waitFor();
    assert.equal(await field(page).inputValue(), "Which?");
    assert.equal(await page.evaluate(() => window.docsChat.instance("none")), undefined);
    await page.evaluate(() => window.docsChat.instance("api").close());
    await page.evaluate(() => window.docsChat.instance("default").open());
    await page.getByRole("dialog", { name: "First" }).waitFor();
  });
});

describe("a code block", () => {
  const body = '<pre tabindex="0"><code>make ingest SITE=path\nmake up</code></pre>';
  const button = (page) => page.getByRole("button", { name: "Ask about this code" });

  test("offers to be asked about under the pointer", async () => {
    const page = await pageWith("", { body });
    await page.locator("pre").hover();
    await button(page).click();
    await page.locator(".quote blockquote", { hasText: "make up" }).waitFor();
    await ask(page, "What does this do?");
    await answered(page);
    assert.equal(server.gateway.requests[0].params.input.quoted_text, "make ingest SITE=path\nmake up");
  });

  test("offers it to the keyboard between the block and what comes next", async () => {
    const page = await pageWith('launcher="false"', { body });
    await page.getByRole("link", { name: "A link" }).focus();
    const focused = () =>
      page.evaluate(() => {
        const active = document.activeElement;
        return (active.shadowRoot?.activeElement ?? active).textContent;
      });
    const stops = [];
    for (const key of ["Tab", "Tab", "Tab", "Shift+Tab", "Tab", "Shift+Tab"]) {
      await page.keyboard.press(key);
      stops.push((await focused()).split("\n")[0]);
    }
    const block = "make ingest SITE=path";
    assert.deepEqual(stops, [block, "Ask about this code", "Last link", block, "Ask about this code", block]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator(".quote blockquote", { hasText: "make up" }).waitFor();
  });

  test("is left alone where the owner says so", async () => {
    const page = await pageWith("no-code", { body });
    await page.locator("pre").hover();
    assert.equal(await button(page).count(), 0);
  });
});

describe("an answer", () => {
  test("that did not help asks why, and the gateway is told", async () => {
    const page = await pageWith();
    await page.evaluate(() => window.docsChat.ask("anything"));
    await answered(page);
    await page.getByRole("button", { name: "This did not help" }).click();
    await page.getByRole("radio", { name: "Out of date" }).check();
    await page.getByRole("textbox", { name: /More about it/ }).fill("The flag is gone.");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".reasons", { hasText: "Thank you." }).waitFor();
    const { params } = server.gateway.requests.at(-1);
    assert.equal(params.item_id, "msg_00000003");
    assert.deepEqual(params.action, {
      type: "docs_chat.feedback",
      payload: { reason: "outdated", text: "The flag is gone." },
    });
    const told = await page.evaluate(() =>
      window.told.filter(([name]) => name === "feedback").map(([, d]) => d.reason),
    );
    assert.deepEqual(told, ["", "outdated"]);
    assert.equal(await page.evaluate(() => JSON.stringify(window.told).includes("flag")), false);
  });

  test("need not be explained", async () => {
    const page = await pageWith();
    await page.evaluate(() => window.docsChat.ask("anything"));
    await answered(page);
    await page.getByRole("button", { name: "This did not help" }).click();
    await page.locator(".feedback").getByRole("button", { name: "Cancel" }).click();
    assert.equal(await page.locator(".feedback").count(), 0);
    assert.match(server.gateway.requests.at(-1).type, /^items\.feedback$/);
  });

  test("is copied as Markdown with its sources", async () => {
    const page = await pageWith();
    await page.evaluate(() => window.docsChat.ask("anything"));
    await answered(page);
    await page.getByRole("button", { name: "Copy answer" }).click();
    await page.waitForFunction(() => window.told.some(([name]) => name === "copied"));
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const place = `${server.origin}/docs/index-your-site#how-do-i-index-my-own-site`;
    assert.ok(copied.startsWith(`Point \`make ingest\` at the folder of your site 🚀 [[1]](${place}):`), copied);
    assert.ok(copied.includes(`\n---\n\n1. [Index your site › How do I index my own site?](${place})\n2. [`), copied);
    assert.ok(copied.includes('```bash title="Terminal"'), copied);
  });
});

describe("a link to a conversation", () => {
  test("is copied, read by somebody else, and withdrawn", async () => {
    const page = await pageWith("share-links");
    await page.evaluate(() => window.docsChat.ask("anything"));
    await answered(page);
    await page.getByRole("button", { name: "Copy a link to this conversation" }).click();
    await page.getByText("Link copied. Whoever has it can read this conversation.").waitFor();
    const address = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(address, /\/page\?chat=token-of-thr_/);

    const other = await openPage(browser, address);
    await other.page.getByText("Somebody shared this conversation with you.").waitFor();
    await other.page.locator(".question", { hasText: "anything" }).waitFor();
    assert.equal(await other.page.locator(".answer .chip").count(), 3);
    assert.equal(await field(other.page).isVisible(), false, "a shared conversation is for reading");
    assert.equal(await other.page.getByRole("button", { name: "This helped" }).count(), 0);
    await other.page.getByRole("button", { name: "Ask something yourself" }).click();
    await ask(other.page, "my own");
    await answered(other.page);
    assert.equal(await other.page.locator(".turn").count(), 1);

    await page.getByRole("button", { name: "Withdraw the link" }).click();
    await page.getByText("The link leads nowhere now.").waitFor();
    await other.page.goto(`${address}&again`);
    await other.page.getByText("This link leads nowhere (any more).").first().waitFor();
    await other.page.context().close();
  });

  test("is not offered unless the owner says so", async () => {
    const page = await pageWith("", { query: "?chat=token-of-thr_00000001-000000" });
    await page.evaluate(() => window.docsChat.ask("anything"));
    await answered(page);
    assert.equal(await page.getByRole("button", { name: "Copy a link to this conversation" }).isVisible(), false);
    assert.equal(await page.getByText("shared this conversation").count(), 0);
  });
});

describe("events", () => {
  test("tell what happens, and no question", async () => {
    const page = await pageWith('site="my-site"');
    await page.evaluate(() => window.docsChat.open());
    await ask(page, "How do I index my own site?");
    await answered(page);
    await page.getByRole("button", { name: "This helped" }).click();
    await page.waitForFunction(() => window.told.some(([name]) => name === "feedback"));
    await page.evaluate(() => window.docsChat.close());
    assert.deepEqual(await names(page), ["ready", "opened", "asked", "answered", "feedback", "closed"]);
    const told = await page.evaluate(() => window.told);
    const place = { site: "my-site", path: "/page" };
    assert.deepEqual(told[2][1], { ...place, length: 27, quoted: false, first: true });
    const { duration_ms, ...answer } = told[3][1];
    assert.ok(duration_ms > 0);
    assert.deepEqual(answer, { ...place, source: "model", sources: 2 });
    assert.deepEqual(told[4][1], { ...place, kind: "positive", reason: "" });
    assert.ok(!JSON.stringify(told).includes("index my own"));
  });

  test("tell the question where the owner asks for it", async () => {
    const page = await pageWith("event-texts");
    await page.evaluate(() => window.docsChat.ask("anything at all"));
    await answered(page);
    const told = await page.evaluate(() => window.told);
    assert.equal(told.find(([name]) => name === "asked")[1].question, "anything at all");
  });

  test("tell that the docs do not cover a question, that an answer failed, and which link was followed", async () => {
    const page = await pageWith();
    const heard = page.evaluate(
      () => new Promise((resolve) => window.docsChat.on("cited", (detail) => resolve(detail.uri))),
    );
    await page.evaluate(() => window.docsChat.ask("not covered"));
    await page.waitForFunction(() => window.told.some(([name]) => name === "not-covered"));
    await ask(page, "refused");
    await page.waitForFunction(() => window.told.some(([name]) => name === "failed"));
    await ask(page, "anything");
    await page.locator(".answer .chip").first().waitFor();
    await answered(page);
    await page
      .locator(".answer .chip")
      .first()
      .click({ modifiers: ["Control"] });
    assert.equal(await heard, `${server.origin}/docs/index-your-site#how-do-i-index-my-own-site`);
  });
});
