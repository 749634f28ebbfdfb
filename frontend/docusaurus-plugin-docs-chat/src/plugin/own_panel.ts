/** Our own panel with what it needs of the site. Loaded when a reader first opens it. */

import { DocsChatPanel } from "../panel/panel";
import { setLoaders } from "../panel/tools";
import { navigateInSite } from "./navigate";
import { pageContext } from "./page_context";
import type { Settings } from "./settings";
import { siteLoaders } from "./site_drawing";

export function createOwnPanel({ pathPrefix, tools }: Pick<Settings, "pathPrefix" | "tools">): DocsChatPanel {
  setLoaders(siteLoaders(tools));
  if (!customElements.get("docs-chat-panel")) customElements.define("docs-chat-panel", DocsChatPanel);
  const panel = document.createElement("docs-chat-panel");
  panel.pageContext = () => pageContext(pathPrefix);
  panel.navigate = navigateInSite;
  return panel;
}
