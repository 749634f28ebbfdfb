/** Puts the launcher into the page, outside of React's tree: it survives every navigation inside the site. */

import { DocsChatLauncher, type ChatElement } from "../panel/launcher";
import type { PageContext } from "../panel/protocol";
import type { PluginOptions } from "./options";
import { navigateInSite } from "./navigate";
import { pageContext } from "./page_context";
import { setLoaders } from "../panel/tools";
import { siteLoaders } from "./site_drawing";
import type { ToolName } from "./site_tools";
import { speakLanguageOfSite } from "./site_texts";

/** What the build hands to the page. */
export type SiteSettings = PluginOptions & { tools: ToolName[] };

export function mount(options: SiteSettings): void {
  speakLanguageOfSite();
  setLoaders(siteLoaders(options.tools));
  if (!customElements.get("docs-chat-launcher")) customElements.define("docs-chat-launcher", DocsChatLauncher);
  const launcher = document.createElement("docs-chat-launcher");
  for (const name of ["endpoint", "site", "label", "heading", "greeting", "mode"] as const) {
    if (options[name]) launcher.setAttribute(name, options[name]);
  }
  launcher.setAttribute("prompts", JSON.stringify(options.prompts));
  launcher.createPanel = () => createPanel(options);
  document.body.append(launcher);
}

async function createPanel(options: PluginOptions): Promise<ChatElement> {
  const context = () => pageContext(options.pathPrefix);
  if (!options.chatkit) return createOwnPanel(context);
  const { createChatKit } = await import("./chatkit");
  return createChatKit(options, options.chatkit, context, navigateInSite, () => createOwnPanel(context));
}

async function createOwnPanel(context: () => PageContext): Promise<ChatElement> {
  const { DocsChatPanel } = await import("../panel/panel");
  if (!customElements.get("docs-chat-panel")) customElements.define("docs-chat-panel", DocsChatPanel);
  const panel = document.createElement("docs-chat-panel");
  panel.pageContext = context;
  panel.navigate = navigateInSite;
  return panel;
}
