/**
 * Puts the launcher into the page, outside of React's tree: it survives every navigation inside the site.
 *
 * This is loaded with each page, so it holds as little as can be; `open_panel.ts` is loaded with the panel.
 */

import { h } from "../panel/element";
import { DocsChatLauncher, notLoaded } from "../panel/launcher";
import type { OpenedPanel } from "./open_panel";
import { pathBelow } from "./path_below";
import type { Settings } from "./settings";
import { speakLanguageOfSite } from "./site_texts";

export interface Mounted {
  /** Fits the chat to the page that is shown now. */
  pageShown(): void;
}

export function mount(settings: Settings): Mounted {
  speakLanguageOfSite(settings.language);
  if (!customElements.get("docs-chat-launcher")) customElements.define("docs-chat-launcher", DocsChatLauncher);
  const launcher = h("docs-chat-launcher", settings.attributes);
  const hideOn = new RegExp(settings.hideOn, "u");
  let opened: OpenedPanel | undefined;
  const path = () => pathBelow(settings.baseUrl, location.pathname);
  const hide = () => (launcher.hidden = hideOn.test(path()));
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
  return () => void loaded.then((actions) => actions.place(!launcher.hidden), notLoaded);
}
