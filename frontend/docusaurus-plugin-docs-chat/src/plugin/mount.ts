/** Puts the launcher into the page, outside of React's tree: it survives every navigation inside the site. */

import { DocsChatLauncher, type ChatElement } from "../panel/launcher";
import type { PluginOptions } from "./options";
import type { ToolName } from "./site_tools";
import { speakLanguageOfSite } from "./site_texts";

/** What the build hands to the page. */
export type SiteSettings = PluginOptions & { tools: ToolName[] };

export function mount(options: SiteSettings): void {
  speakLanguageOfSite();
  if (!customElements.get("docs-chat-launcher")) customElements.define("docs-chat-launcher", DocsChatLauncher);
  const launcher = document.createElement("docs-chat-launcher");
  for (const name of ["endpoint", "site", "label", "heading", "greeting", "mode"] as const) {
    if (options[name]) launcher.setAttribute(name, options[name]);
  }
  launcher.setAttribute("prompts", JSON.stringify(options.prompts));
  launcher.createPanel = () => createPanel(options);
  document.body.append(launcher);
}

/** What only an open chat needs is loaded with it. */
async function createPanel(options: SiteSettings): Promise<ChatElement> {
  if (!options.chatkit) return (await import("./own_panel")).createOwnPanel(options);
  const { createHostedPanel } = await import("./hosted_panel");
  return createHostedPanel(options, options.chatkit);
}
