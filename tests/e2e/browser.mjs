/** A real Chromium for the tests, and eyes on what a page must never do. */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";

// The packages belong to the panel; the tests only borrow its browser driver.
const require = createRequire(new URL("../../frontend/docusaurus-plugin-docs-chat/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export function launchBrowser() {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (!executablePath) throw new Error("No Chromium found: install it (make test-tools) or name it in CHROMIUM");
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Opens `url` in a fresh profile and collects what went wrong: errors, policy violations, requests to others. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const trouble = [];
  const hosts = new Set();
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on(
    "console",
    (message) => /Content Security Policy|Refused/.test(message.text()) && trouble.push(message.text()),
  );
  page.on("request", (request) => request.url().startsWith("http") && hosts.add(new URL(request.url()).host));
  await page.addInitScript(() =>
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`Content Security Policy: ${event.blockedURI}`),
    ),
  );
  await page.goto(url);
  return { page, trouble, hosts };
}

export async function ask(page, question) {
  await page.getByRole("textbox", { name: "Your question" }).fill(question);
  await page.keyboard.press("Enter");
}

export function answered(page) {
  return page.getByRole("button", { name: "This helped" }).last().waitFor();
}
