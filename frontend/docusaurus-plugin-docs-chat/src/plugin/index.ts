/** The Docusaurus side: checks the options and hands them to the client module as global data. */

import { join } from "node:path";
import type { ChatKitOptions, Options, PluginOptions, SearchOptions, StartingQuestions } from "./options";
import { settingsOf } from "./settings";
import { toolAliases, toolsOf, type ToolAliases } from "./site_tools";
import { defaultMessages } from "./translations";
import { themeFolder, type ThemeConfig } from "./theme_folder";
import { validated } from "./validate";

export type * from "../docs_chat";
export type { ChatKitOptions, Options, PluginOptions, SearchOptions, StartingQuestions };

/** The parts of Docusaurus's `Plugin` and `LoadContext` that are used here. */
export interface DocsChatPlugin {
  name: string;
  getClientModules(): string[];
  /** Where `docusaurus write-translations` finds the texts that a site may put into its `code.json`. */
  getPathsToWatch(): string[];
  getDefaultCodeTranslationMessages(): Promise<Record<string, string>>;
  configureWebpack(): { resolve: { alias: ToolAliases } };
  getThemePath?(): string;
  contentLoaded(args: { actions: Actions }): void;
}

export interface SiteContext {
  siteDir: string;
  /** Base URL of this build; of a locale that is not the first, with the locale. */
  baseUrl: string;
  i18n: { currentLocale: string; localeConfigs?: Record<string, { htmlLang?: string } | undefined> };
  siteConfig?: { themeConfig?: ThemeConfig };
}

interface Actions {
  setGlobalData(data: unknown): void;
  addRoute(route: { path: string; component: string; exact: boolean }): void;
}

export default function docsChatPlugin(site: SiteContext, options: PluginOptions): DocsChatPlugin {
  const { siteDir, baseUrl, i18n } = site;
  const alias = toolAliases(siteDir);
  const { search } = options;
  const language = i18n.localeConfigs?.[i18n.currentLocale]?.htmlLang ?? i18n.currentLocale;
  const theme = themeFolder(search !== false, site.siteConfig?.themeConfig);
  return {
    name: "docusaurus-plugin-docs-chat",
    getClientModules: () => [join(__dirname, "..", "client", "client.mjs")],
    getPathsToWatch: () => [join(__dirname, "..", "translatable", "texts.js")],
    getDefaultCodeTranslationMessages: () => Promise.resolve(defaultMessages(i18n.currentLocale)),
    configureWebpack: () => ({ resolve: { alias } }),
    ...(theme && { getThemePath: () => join(__dirname, "..", theme) }),
    contentLoaded({ actions }) {
      actions.setGlobalData(settingsOf(options, { baseUrl, language, tools: toolsOf(alias) }));
      if (search && search.page) {
        actions.addRoute({ path: baseUrl + search.page, component: "@theme/SearchPage", exact: true });
      }
    },
  };
}

/** Which components a site may replace, and how safe that is across versions. */
export function getSwizzleConfig() {
  const safe = { eject: "safe", wrap: "safe" };
  const internal = { eject: "forbidden", wrap: "forbidden" };
  return {
    components: {
      DocsChatNavbarItem: { actions: safe, description: "The item of the navbar that opens the chat." },
      SearchBar: { actions: safe, description: "The button in the navbar that opens the search." },
      SearchPage: { actions: { eject: "unsafe", wrap: "safe" }, description: "The page with all results." },
      DocsChatSearch: { actions: internal, description: "What the search bar calls. It has no look." },
      "DocsChatSearch/page": { actions: internal, description: "What the page of results calls. It has no look." },
    },
  };
}

export function validateOptions({ options }: { options: Record<string, unknown> | undefined }): PluginOptions {
  return validated(options ?? {});
}
