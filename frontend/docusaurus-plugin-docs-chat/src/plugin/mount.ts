/**
 * Puts the launcher into the page, outside of React's tree: it survives every navigation inside the site.
 *
 * This is loaded with each page, so it holds as little as can be; `open_panel.ts` is loaded with the panel.
 */

import { DocsChatLauncher } from "../panel/launcher";
import { fitsPaths, pathBelow } from "../panel/paths";
import type { OpenedPanel } from "./open_panel";
import type { PluginOptions } from "./options";
import type { ToolName } from "./site_tools";
import { speakLanguageOfSite } from "./site_texts";

/**
 * Options as the plugin hands them to the browser: with the base URL of this build, which holds its locale,
 * and what of the site's own can draw answers.
 */
export type Settings = PluginOptions & { baseUrl: string; tools: ToolName[] };

export interface Mounted {
  /** Fits the chat to the page that is shown now. */
  pageShown(): void;
}

export function mount(settings: Settings): Mounted {
  speakLanguageOfSite();
  if (!customElements.get("docs-chat-launcher")) customElements.define("docs-chat-launcher", DocsChatLauncher);
  const launcher = document.createElement("docs-chat-launcher");
  setAttributes(launcher, settings);
  let opened: OpenedPanel | undefined;
  const path = () => pathBelow(settings.baseUrl, location.pathname);
  const hide = () => (launcher.hidden = fitsPaths(path(), settings.hideOn));
  launcher.createPanel = async () => {
    const { openPanel } = await import("./open_panel");
    opened = await openPanel(settings, path());
    return opened.panel;
  };
  const placeActions = pageActions(settings, launcher);
  hide();
  document.body.append(launcher);
  return {
    pageShown: () => {
      hide();
      launcher.followLink();
      // The router tells of a page before its meta tags are written, which takes a frame or two.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          opened?.fit(path());
          placeActions();
        }),
      );
    },
  };
}

/** Places the buttons below the title of the page, where the owner wants any. */
function pageActions(settings: Settings, launcher: DocsChatLauncher): () => void {
  if (!settings.askAboutPage && !settings.copyPage) return () => undefined;
  const quote = (text: string) => void launcher.show().then((panel) => panel.quote(text));
  const loaded = import("./page_actions").then(({ PageActions }) => new PageActions(settings, quote));
  const fail = (error: unknown) => console.error("docs-chat: the buttons of the page could not be loaded", error);
  return () => void loaded.then((actions) => actions.place(!launcher.hidden), fail);
}

function setAttributes(launcher: DocsChatLauncher, settings: Settings): void {
  const { id, shortcut, askLinks } = settings;
  for (const name of ["endpoint", "site", "label", "heading", "greeting", "mode"] as const) {
    if (settings[name]) launcher.setAttribute(name, settings[name]);
  }
  const named = { instance: id, shortcut: shortcut || "none", "ask-links": askLinks || "none" };
  for (const [name, value] of Object.entries(named)) launcher.setAttribute(name, value);
  if (!settings.launcher) launcher.setAttribute("launcher", "false");
  launcher.toggleAttribute("no-code", !settings.askAboutCode);
  launcher.toggleAttribute("show-origin", settings.showOrigin);
  launcher.toggleAttribute("share-links", settings.shareLinks);
  launcher.toggleAttribute("event-texts", settings.eventTexts);
}
