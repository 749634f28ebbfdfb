/** Pages of the real built docs/ site (`make docs-site`), with the gateway on another origin. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, afterEach, before } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser, openPage } from "./browser.mjs";
import { startScriptedGateway } from "./scripted_gateway.mjs";

const BUILD = fileURLToPath(new URL("../../docs/build/", import.meta.url));
/** The gateway that docs/docusaurus.config.js names; its requests are led to the scripted one. */
const CONFIGURED = "http://127.0.0.1:8000";

/** For `describe`: why its tests cannot be run, or false. */
export const skip = existsSync(`${BUILD}index.html`) ? false : "docs/build is not there: run `make docs-site`";

/** Registers the hooks of a suite and returns the function that opens a page of the docs. */
export function docsPages() {
  let browser;
  let site;
  let chat;
  let opened;
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
  return async function openDocs({ path = "/docs/index-your-site", ...options } = {}) {
    chat = await startScriptedGateway({ pace: 2, origins: [site.origin] });
    opened = await openPage(browser, `${site.origin}${path}`, options);
    await opened.page.route(`${CONFIGURED}/**`, (route) =>
      route.continue({ url: route.request().url().replace(CONFIGURED, chat.origin) }),
    );
    await opened.page.locator("docs-chat-launcher .ask").waitFor();
    return { page: opened.page, gateway: chat.gateway, origin: site.origin };
  };
}
