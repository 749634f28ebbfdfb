/** The Docusaurus side: checks the options and hands them to the client module as global data. */

import { join } from "node:path";
import { validated, type ChatKitOptions, type Options, type PluginOptions, type SearchOptions } from "./options";

export type { DocsChat } from "../docs_chat";
export type { ChatKitOptions, Options, PluginOptions, SearchOptions };

/** The parts of Docusaurus's `Plugin` and `LoadContext` that are used here. */
export interface DocsChatPlugin {
  name: string;
  getClientModules(): string[];
  getThemePath?(): string;
  contentLoaded(args: { actions: Actions }): void;
}

export interface SiteContext {
  /** Base URL of this build: with the locale where it is not the first one. */
  baseUrl: string;
}

interface Actions {
  setGlobalData(data: unknown): void;
  addRoute(route: { path: string; component: string; exact: boolean }): void;
}

export default function docsChatPlugin({ baseUrl }: SiteContext, options: PluginOptions): DocsChatPlugin {
  const { id, ...settings } = options;
  const { search } = settings;
  return {
    name: "docusaurus-plugin-docs-chat",
    getClientModules: () => [join(__dirname, "..", "client", "client.mjs")],
    // Only where it is wanted: its presence replaces the search bar of the theme.
    ...(search && { getThemePath: () => join(__dirname, "..", "theme") }),
    contentLoaded({ actions }) {
      actions.setGlobalData(settings);
      if (search && search.page) {
        actions.addRoute({ path: baseUrl + search.page, component: "@theme/SearchPage", exact: true });
      }
    },
  };
}

/** Which components a site may replace, and how safe that is across versions. */
export function getSwizzleConfig() {
  const safe = { eject: "safe", wrap: "safe" };
  return {
    components: {
      SearchBar: { actions: safe, description: "The button in the navbar that opens the search." },
      SearchPage: { actions: { eject: "unsafe", wrap: "safe" }, description: "The page with all results." },
      DocsChatSearch: {
        actions: { eject: "forbidden", wrap: "forbidden" },
        description: "What the other components call. It has no look.",
      },
    },
  };
}

export function validateOptions({ options }: { options: Record<string, unknown> | undefined }): PluginOptions {
  return validated(options ?? {});
}
