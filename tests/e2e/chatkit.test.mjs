/** OpenAI's ChatKit in our drawer, with a stand-in for its script: the real one may not be kept or loaded here. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, afterEach, before, describe, test } from "node:test";
import { answered, ask, launchBrowser, openPage } from "./browser.mjs";
import { startScriptedGateway } from "./scripted_gateway.mjs";

const PLUGIN = fileURLToPath(new URL("../../frontend/docusaurus-plugin-docs-chat/", import.meta.url));
const { build } = createRequire(join(PLUGIN, "package.json"))("esbuild");
const CDN = "https://cdn.platform.openai.com/**";

/** The part of the element that the drawer uses; it writes down what it is told. */
const STAND_IN = `customElements.define("openai-chatkit", class extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.attachShadow({ mode: "open" }).append(document.createElement("iframe"));
    setTimeout(() => this.dispatchEvent(new CustomEvent(READINESS)), 0);
  }
  setOptions(options) { window.told = options; }
  async focusComposer() {}
  async hideHistory() {}
  async sendUserMessage(message) { (window.sent ??= []).push(message.text); }
  async setComposerValue(value) { window.composed = value; }
});`;

const PAGE = `
import { DocsChatLauncher } from "${PLUGIN}src/panel/launcher";
import { DocsChatPanel } from "${PLUGIN}src/panel/panel";
import { createChatKit } from "${PLUGIN}src/plugin/chatkit";
import { validated } from "${PLUGIN}src/plugin/validate";
customElements.define("docs-chat-launcher", DocsChatLauncher);
customElements.define("docs-chat-panel", DocsChatPanel);
const options = {
  ...validated({ chatkit: { domainKey: "domain_pk_test" }, mode: document.body.dataset.mode }),
  prompts: ["How do I begin?"],
};
const launcher = document.createElement("docs-chat-launcher");
launcher.setAttribute("mode", options.mode);
const spare = async () => document.createElement("docs-chat-panel");
const context = () => ({ page_uri: location.href, page_title: document.title });
launcher.createPanel = async () => createChatKit(options, options.chatkit, context, () => false, spare);
document.body.append(launcher);
`;

let browser;
let folder;
let server;
let opened;

before(async () => {
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), "docs-chat-chatkit-"));
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: PLUGIN, loader: "ts" },
    bundle: true,
    write: false,
    loader: { ".css": "text" },
    plugins: [{ name: "css", setup: (bundler) => bundler.onLoad({ filter: /\.css$/ }, bundledCss) }],
  });
  await writeFile(join(folder, "page.js"), outputFiles[0].contents);
  for (const mode of ["drawer", "modal"]) {
    const html = `<!doctype html><html lang="zh-Hans"><title>Docs</title><style>:root{--ifm-color-primary:#7a3cc2;--ifm-global-radius:0}</style><body data-mode="${mode}"><h1>Docs</h1><script src="page.js"></script></body></html>`;
    await writeFile(join(folder, `${mode}.html`), html);
  }
});
after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  await opened.page.context().close();
  await server.stop();
  assert.deepEqual(opened.trouble, []);
});

async function bundledCss({ path }) {
  const { outputFiles } = await build({ entryPoints: [path], bundle: true, write: false });
  return { contents: outputFiles[0].text, loader: "text" };
}

async function openChat({ mode = "drawer", readiness = "chatkit.ready" } = {}) {
  server = await startScriptedGateway({ pace: 2, folder });
  opened = await openPage(browser, "about:blank");
  const { page } = opened;
  const body = STAND_IN.replace("READINESS", JSON.stringify(readiness));
  await page.route(CDN, (route) =>
    readiness ? route.fulfill({ body, contentType: "text/javascript" }) : route.abort(),
  );
  await page.goto(`${server.origin}/${mode}`);
  await page.locator("docs-chat-launcher .ask").click();
  return page;
}

function effect(page, name, data) {
  const fire = ([type, detail]) =>
    document
      .querySelector("docs-chat-hosted")
      .shadowRoot.querySelector("openai-chatkit")
      .dispatchEvent(new CustomEvent(type, { detail }));
  return page.evaluate(fire, ["chatkit.effect", { name, data }]);
}

describe("ChatKit that is ready", () => {
  test("is told the language, the look of the site and what our panel says", async () => {
    const page = await openChat();
    await page.waitForFunction(() => window.told?.theme);
    const { locale, theme, disclaimer, composer, frameTitle, startScreen } = await page.evaluate(() =>
      JSON.parse(JSON.stringify(window.told)),
    );
    assert.equal(locale, "zh-CN");
    assert.equal(theme.color.accent.primary, "#7a3cc2");
    assert.equal(theme.radius, "sharp");
    assert.match(disclaimer.text, /Check the sources/);
    assert.equal(composer.placeholder, "Ask the docs");
    assert.equal(frameTitle, "Ask the docs");
    assert.deepEqual(startScreen.prompts, [{ label: "How do I begin?", prompt: "How do I begin?" }]);
  });

  test("shows beside its messages the passages, cautions and next questions of our gateway", async () => {
    const page = await openChat();
    await page.locator("openai-chatkit").waitFor();
    await effect(page, "docs_chat.passages", {
      passages: [{ uri: "https://docs.example.com/a#b", title: "A", heading_path: ["B"], snippet: "text" }],
      answerability: "answerable",
    });
    await effect(page, "docs_chat.answer", { item_id: "m", source: "model", model: "x", not_found: ["--nonesuch"] });
    await effect(page, "docs_chat.suggestions", { suggestions: ["And then?"] });
    await page.getByText("1 passage found").click();
    assert.equal(await page.locator(".passages a").getAttribute("href"), "https://docs.example.com/a#b");
    assert.match(await page.locator(".beside .notice").innerText(), /--nonesuch/);
    await page.getByRole("button", { name: "And then?" }).click();
    assert.deepEqual(await page.evaluate(() => window.sent), ["And then?"]);
    await effect(page, "docs_chat.passages", { passages: [], answerability: "not_covered" });
    assert.equal(await page.locator(".beside").isVisible(), false, "the last turn's words do not stay");
  });

  test("asks what the page's script asked while it was loading", async () => {
    const page = await openChat();
    await page.evaluate(() => window.docsChat.ask("From a script"));
    await page.waitForFunction(() => window.sent?.length);
    assert.deepEqual(await page.evaluate(() => window.sent), ["From a script"]);
  });

  test("as a dialog stands over the page; Escape closes it and the focus returns", async () => {
    const page = await openChat({ mode: "modal" });
    const surface = page.locator("docs-chat-hosted .surface");
    await page.locator("openai-chatkit").waitFor();
    const box = await surface.boundingBox();
    assert.ok(box.x > 100 && box.x + box.width < 1180, "in the middle");
    await surface.locator("button").first().focus();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement.localName === "docs-chat-launcher");
    assert.equal(await surface.isVisible(), false);
  });
});

describe("our own panel takes over, with what was asked,", () => {
  const asks = async (page) => {
    await page.locator("docs-chat-panel .composer").waitFor();
    await ask(page, "How do I index my own site?");
    await answered(page);
  };

  test("when the script does not arrive", async () => {
    const page = await openChat({ readiness: "" });
    await asks(page);
  });

  test("when the domain is refused", async () => {
    const page = await openChat({ readiness: "chatkit.error" });
    await asks(page);
  });

  test("when the frame stays silent; until then the drawer says that it opens", async () => {
    const page = await openChat({ readiness: "chatkit.log" });
    await page.getByText("Opening the chat …").waitFor();
    await page.evaluate(() => window.docsChat.ask("How do I index my own site?"));
    await answered(page);
  });

  test("when the frame is taken away later", async () => {
    const page = await openChat();
    await page.waitForFunction(() => window.told);
    const takeAway = () => {
      const chat = document.querySelector("docs-chat-hosted").shadowRoot.querySelector("openai-chatkit");
      chat.shadowRoot.replaceChildren();
      chat.dispatchEvent(new CustomEvent("chatkit.error", { detail: { error: new Error("not verified") } }));
    };
    await page.locator("docs-chat-hosted .loading").waitFor({ state: "detached" });
    await page.evaluate(takeAway);
    await asks(page);
  });
});
