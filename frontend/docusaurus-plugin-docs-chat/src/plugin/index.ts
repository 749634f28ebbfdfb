/** The Docusaurus side: checks the options and hands them to the client module as global data. */

import { join } from "node:path";
import type { ChatKitOptions, Options, PluginOptions, StartingQuestions } from "./options";
import { toolAliases, toolsOf, type ToolAliases } from "./site_tools";
import { defaultMessages } from "./translations";
import { validated } from "./validate";

export type * from "../docs_chat";
export type { ChatKitOptions, Options, PluginOptions, StartingQuestions };

/** The part of Docusaurus's `Plugin` that is used here. */
export interface DocsChatPlugin {
  name: string;
  getClientModules(): string[];
  /** Where `docusaurus write-translations` finds the texts that a site may put into its `code.json`. */
  getPathsToWatch(): string[];
  getDefaultCodeTranslationMessages(): Promise<Record<string, string>>;
  configureWebpack(): { resolve: { alias: ToolAliases } };
  contentLoaded(args: { actions: { setGlobalData(data: unknown): void } }): void;
}

/** The part of Docusaurus's `LoadContext` that is used here. */
export interface SiteContext {
  siteDir: string;
  /** Base URL of this build; of a locale that is not the first, with the locale. */
  baseUrl: string;
  i18n: { currentLocale: string };
}

export default function docsChatPlugin(site: SiteContext, options: PluginOptions): DocsChatPlugin {
  const { siteDir, baseUrl, i18n } = site;
  const alias = toolAliases(siteDir);
  return {
    name: "docusaurus-plugin-docs-chat",
    getClientModules: () => [join(__dirname, "..", "client", "client.mjs")],
    getPathsToWatch: () => [join(__dirname, "..", "translatable", "texts.js")],
    getDefaultCodeTranslationMessages: () => Promise.resolve(defaultMessages(i18n.currentLocale)),
    configureWebpack: () => ({ resolve: { alias } }),
    contentLoaded({ actions }) {
      actions.setGlobalData({ ...options, baseUrl, tools: toolsOf(alias) });
    },
  };
}

export function validateOptions({ options }: { options: Record<string, unknown> | undefined }): PluginOptions {
  return validated(options ?? {});
}
