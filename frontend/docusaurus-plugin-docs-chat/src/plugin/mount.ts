/** Puts the launcher into the page, outside of React's tree: it survives every navigation inside the site. */

import { DocsChatLauncher, type ChatElement } from "../panel/launcher";
import { fitsPaths, pathBelow } from "../panel/paths";
import type { PageContext } from "../panel/protocol";
import { navigateInSite } from "./navigate";
import { setLoaders } from "../panel/tools";
import type { PluginOptions } from "./options";
import { docsVersion, pageContext, questionsOfPage } from "./page_context";
import { siteLoaders } from "./site_drawing";
import type { ToolName } from "./site_tools";
import { speakLanguageOfSite } from "./site_texts";
import { questionsFor } from "./starting_questions";

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
  setLoaders(siteLoaders(settings.tools));
  if (!customElements.get("docs-chat-launcher")) customElements.define("docs-chat-launcher", DocsChatLauncher);
  const launcher = document.createElement("docs-chat-launcher");
  setAttributes(launcher, settings);
  let panel: ChatElement | undefined;
  const fit = () => {
    const path = pathBelow(settings.baseUrl, location.pathname);
    launcher.hidden = fitsPaths(path, settings.hideOn);
    const own = questionsOfPage();
    const questions = own.length > 0 ? own : questionsFor(settings.prompts, { path, ...docsVersion() });
    const prompts = JSON.stringify(questions);
    launcher.setAttribute("prompts", prompts);
    panel?.setAttribute("prompts", prompts);
  };
  const actions = pageActions(settings, launcher);
  launcher.createPanel = async () => (panel = await createPanel(settings, launcher));
  fit();
  document.body.append(launcher);
  return {
    pageShown: () => {
      fit();
      launcher.followLink();
      // The router tells of a page before its meta tags are written, which takes a frame or two.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          fit();
          actions.then(
            (found) => found?.place(docsVersion().version !== undefined && !launcher.hidden),
            (error: unknown) => console.error("docs-chat: the buttons of the page could not be loaded", error),
          );
        }),
      );
    },
  };
}

/** The buttons below the titles of pages, where the owner wants any. */
async function pageActions(settings: Settings, launcher: DocsChatLauncher) {
  const { endpoint, site, askAboutPage, copyPage, pathPrefix } = settings;
  if (!askAboutPage && !copyPage) return undefined;
  const { PageActions } = await import("./page_actions");
  const quote = (text: string) => void launcher.show().then((panel) => panel.quote(text));
  return new PageActions({ endpoint, site, askAboutPage, copyPage, context: () => pageContext(pathPrefix), quote });
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

async function createPanel(settings: Settings, launcher: DocsChatLauncher): Promise<ChatElement> {
  const context = () => pageContext(settings.pathPrefix);
  if (!settings.chatkit) return createOwnPanel(context);
  const { createChatKit } = await import("./chatkit");
  const prompts = JSON.parse(launcher.getAttribute("prompts") ?? "[]") as string[];
  const options = { ...settings, prompts };
  return createChatKit(options, settings.chatkit, context, navigateInSite, () => createOwnPanel(context));
}

async function createOwnPanel(context: () => PageContext): Promise<ChatElement> {
  const { DocsChatPanel } = await import("../panel/panel");
  if (!customElements.get("docs-chat-panel")) customElements.define("docs-chat-panel", DocsChatPanel);
  const panel = document.createElement("docs-chat-panel");
  panel.pageContext = context;
  panel.navigate = navigateInSite;
  return panel;
}
