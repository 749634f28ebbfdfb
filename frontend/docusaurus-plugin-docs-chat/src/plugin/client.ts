/**
 * The client module of the plugin: puts the launcher on each page of the site.
 *
 * Docusaurus also loads client modules while it renders the site without a browser, so nothing but the settings is
 * touched at import there, and everything that needs a browser is a chunk of its own. What Docusaurus generates is
 * named with its extension, as `.mjs` files must.
 */

import globalData from "@generated/globalData.json";
import type { SiteSettings } from "./mount";

const settings = globalData["docusaurus-plugin-docs-chat"] as Record<string, SiteSettings> | undefined;

if (typeof document !== "undefined") {
  for (const options of Object.values(settings ?? {})) {
    import("./mount").then(
      ({ mount }) => mount(options),
      (error: unknown) => console.error("docs-chat: the Ask button could not be loaded", error),
    );
  }
}
