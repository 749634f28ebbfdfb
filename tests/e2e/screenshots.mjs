/**
 * Writes the pictures of the documentation: the plugin on the built docs/ site, answered by the scripted gateway.
 *
 *     make screenshots
 */

import { mkdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { answered, ask, launchBrowser, openPage } from "./browser.mjs";
import { ANSWERS } from "./scripted_answers.mjs";
import { startScriptedGateway } from "./scripted_gateway.mjs";

const BUILD = fileURLToPath(new URL("../../docs/build/", import.meta.url));
const PICTURES = fileURLToPath(new URL("../../docs/static/img/", import.meta.url));
/** The gateway that docs/docusaurus.config.js names; its requests are led to the scripted one. */
const CONFIGURED = "http://127.0.0.1:8000";
const QUESTION = "How do I index my own site?";
const MOST_BYTES = 100 * 1024;

// Not every machine has a font with emoji. As long as before: citations are counted from the start.
ANSWERS.well.text = ANSWERS.well.text.replace("🚀", "  ");

const browser = await launchBrowser();
const site = await startScriptedGateway({ folder: BUILD });
await mkdir(PICTURES, { recursive: true });

/** Opens a page of the docs, does something there and takes a picture. */
async function picture(name, options, act) {
  const chat = await startScriptedGateway({ pace: 1, origins: [site.origin] });
  const { page } = await openPage(browser, `${site.origin}/docs/index-your-site`, {
    reducedMotion: "reduce",
    ...options,
  });
  await page.route(`${CONFIGURED}/**`, (route) =>
    route.continue({ url: route.request().url().replace(CONFIGURED, chat.origin) }),
  );
  await act(page);
  await page.mouse.move(2, 2);
  const path = `${PICTURES}panel-${name}.jpg`;
  await page.screenshot({ path, type: "jpeg", quality: 66 });
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes; at most ${MOST_BYTES} are kept in the repository`);
  console.log(`${path} ${Math.round(size / 1024)} kB`);
  await page.context().close();
  await chat.stop();
}

async function askQuestion(page) {
  await page.locator("docs-chat-launcher .ask").click();
  await ask(page, QUESTION);
  await answered(page);
}

const desktop = { viewport: { width: 1360, height: 640 } };
await picture("empty", desktop, (page) => page.locator("docs-chat-launcher .ask").click());
await picture("answer", desktop, askQuestion);
await picture("dark", { ...desktop, colorScheme: "dark" }, askQuestion);
await picture("phone", { viewport: { width: 390, height: 780 }, hasTouch: true }, askQuestion);

await browser.close();
await site.stop();
