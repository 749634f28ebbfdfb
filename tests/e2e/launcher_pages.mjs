/** A plain page with text, a button of its own and the launcher, for tests of what the panel does to a page. */

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { launchBrowser, openPage } from "./browser.mjs";
import { startScriptedGateway } from "./scripted_gateway.mjs";

/** Registers the hooks of a test file and returns the function that opens our own page at a scripted gateway. */
export function gatewayPages() {
  let browser;
  let server;
  let opened;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());
  afterEach(async () => {
    await opened.page.context().close();
    await server.stop();
    assert.deepEqual(opened.trouble, []);
    assert.deepEqual([...opened.hosts], [new URL(server.origin).host], "a request left for somebody else");
  });
  return async function openGatewayPage(options) {
    server = await startScriptedGateway({ pace: 2 });
    opened = await openPage(browser, `${server.origin}/`, options);
    return { page: opened.page, gateway: server.gateway, origin: server.origin };
  };
}

/** The same for a plain page with the launcher. */
export function launcherPages() {
  const openGatewayPage = gatewayPages();
  return async function openLauncherPage({ attributes = {}, clock = false, ...options } = {}) {
    const { page, gateway } = await openGatewayPage(options);
    if (clock) await page.clock.install();
    await page.evaluate(fillPage, attributes);
    return { page, gateway };
  };
}

export const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

export function dialogOf(page) {
  return page.getByRole("dialog", { name: "Ask the docs" });
}

export async function openChat(page) {
  await page.locator("docs-chat-launcher .ask").click();
  await dialogOf(page).waitFor();
}

/** What has the focus: the class, id or name of the element, looked up inside shadow roots. */
export function focused(page) {
  return page.evaluate(() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return active.ariaLabel || active.id || active.className || active.localName;
  });
}

function fillPage(attributes) {
  const own = Object.assign(document.createElement("button"), { id: "own", textContent: "Ask us" });
  const text = Array.from({ length: 60 }, (_, i) =>
    Object.assign(document.createElement("p"), { textContent: `Paragraph ${i + 1} says what it says.` }),
  );
  const launcher = document.createElement("docs-chat-launcher");
  for (const [name, value] of Object.entries(attributes)) launcher.setAttribute(name, value);
  document.body.replaceChildren(own, ...text, launcher);
}
