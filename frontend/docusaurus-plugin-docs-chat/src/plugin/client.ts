/**
 * The client module of the plugin: puts the launcher on each page of the site.
 *
 * Docusaurus also loads client modules while it renders the site without a browser, so nothing but the settings is
 * touched at import there, and everything that needs a browser is a chunk of its own. What Docusaurus generates is
 * named with its extension, as `.mjs` files must.
 */

import globalData from "@generated/globalData.json";
import type { Mounted } from "./mount";
import type { Settings } from "./settings";

const settings = globalData["docusaurus-plugin-docs-chat"] as Record<string, Settings> | undefined;
const mounted: Mounted[] = [];

let isShown = false;

if (typeof document !== "undefined") {
  for (const options of Object.values(settings ?? {})) {
    import("./mount").then(
      ({ mount }) => {
        const chat = mount(options);
        mounted.push(chat);
        if (isShown) chat.pageShown();
      },
      (error: unknown) => console.error("docs-chat: the Ask button could not be loaded", error),
    );
  }
}

/** Called by Docusaurus when a page has been shown, the first one included. */
export function onRouteDidUpdate(): void {
  isShown = true;
  for (const each of mounted) each.pageShown();
}
