/** What of the options reaches the browser, computed as far as it can be while the site is built. */

import { pathsExpression } from "../panel/paths";
import type { PluginOptions } from "./options";
import type { ToolName } from "./site_tools";

type Shown = "heading" | "greeting" | "prompts" | "askAboutPage" | "copyPage" | "search" | "chatkit";

/** The options that code in the browser reads, and what is made of the others. */
export interface Settings extends Pick<PluginOptions, "endpoint" | "site" | "pathPrefix" | Shown> {
  /** Attributes of the launcher; `true` stands for an empty one. */
  attributes: Record<string, string | boolean>;
  /** Regular expression for the paths, below the base URL, of the pages without a launcher. */
  hideOn: string;
  /** Base URL of this build, which holds its locale. */
  baseUrl: string;
  /** Language of this build, as browsers know it. */
  language: string;
  /** What of the site's own can draw answers. */
  tools: ToolName[];
}

/** What of the build itself the browser is told. */
export type BuildFacts = Pick<Settings, "baseUrl" | "language" | "tools">;

/** Leaves to the browser only what depends on the page and its reader. */
export function settingsOf(options: PluginOptions, build: BuildFacts): Settings {
  const { endpoint, site, pathPrefix, heading, greeting, prompts, askAboutPage, copyPage, search, chatkit } = options;
  return {
    ...{ endpoint, site, pathPrefix, heading, greeting, prompts, askAboutPage, copyPage, search, chatkit },
    attributes: launcherAttributes(options),
    hideOn: pathsExpression(options.hideOn),
    ...build,
  };
}

/** Those that say something: an attribute left out means the default. */
function launcherAttributes(options: PluginOptions): Record<string, string | boolean> {
  const { endpoint, site, label, heading, greeting, mode } = options;
  const all = {
    ...{ endpoint, site, label, heading, greeting, mode },
    instance: options.id,
    launcher: !options.launcher && "false",
    shortcut: options.shortcut || "none",
    "ask-links": options.askLinks || "none",
    "no-code": !options.askAboutCode,
    "show-origin": options.showOrigin,
    "share-links": options.shareLinks,
    "event-texts": options.eventTexts,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}
