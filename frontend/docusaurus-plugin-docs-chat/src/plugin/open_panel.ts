/** What is loaded with the panel: how it asks from this site, draws with the site's own tools, and follows its links. */

import type { ChatElement } from "../panel/launcher";
import { setLoaders } from "../panel/tools";
import type { Settings } from "./mount";
import { navigateInSite } from "./navigate";
import { docsVersion, pageContext, questionsOfPage } from "./page_context";
import { siteLoaders } from "./site_drawing";
import { questionsFor } from "./starting_questions";

export interface OpenedPanel {
  panel: ChatElement;
  /** Offers the questions of the page that is shown now. `path` is below the base URL. */
  fit(path: string): void;
}

export async function openPanel(settings: Settings, path: string): Promise<OpenedPanel> {
  setLoaders(siteLoaders(settings.tools));
  const panel = await createPanel(settings, path);
  const fit = (shown: string) => panel.setAttribute("prompts", JSON.stringify(questionsOn(settings, shown)));
  fit(path);
  return { panel, fit };
}

/** A page's own questions come before those of the config. */
function questionsOn(settings: Settings, path: string): string[] {
  const own = questionsOfPage();
  return own.length > 0 ? own : questionsFor(settings.prompts, { path, ...docsVersion() });
}

async function createPanel(settings: Settings, path: string): Promise<ChatElement> {
  if (!settings.chatkit) return createOwnPanel(settings);
  const { createChatKit } = await import("./chatkit");
  const options = { ...settings, prompts: questionsOn(settings, path) };
  const context = () => pageContext(settings.pathPrefix);
  return createChatKit(options, settings.chatkit, context, navigateInSite, () => createOwnPanel(settings));
}

async function createOwnPanel(settings: Settings): Promise<ChatElement> {
  const { DocsChatPanel } = await import("../panel/panel");
  if (!customElements.get("docs-chat-panel")) customElements.define("docs-chat-panel", DocsChatPanel);
  const panel = document.createElement("docs-chat-panel");
  panel.pageContext = () => pageContext(settings.pathPrefix);
  panel.navigate = navigateInSite;
  return panel;
}
