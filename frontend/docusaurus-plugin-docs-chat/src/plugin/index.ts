/** The Docusaurus side: checks the options and hands them to the client module as global data. */

import { join } from "node:path";
import { toolAliases, toolsOf, type ToolAliases } from "./site_tools";
import { defaultMessages } from "./translations";
import { validated, type ChatKitOptions, type Options, type PluginOptions } from "./options";

export type { DocsChat } from "../docs_chat";
export type { ChatKitOptions, Options, PluginOptions };

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
  i18n: { currentLocale: string };
}

export default function docsChatPlugin({ siteDir, i18n }: SiteContext, options: PluginOptions): DocsChatPlugin {
  const alias = toolAliases(siteDir);
  return {
    name: "docusaurus-plugin-docs-chat",
    getClientModules: () => [join(__dirname, "..", "client", "client.mjs")],
    getPathsToWatch: () => [join(__dirname, "..", "translatable", "texts.js")],
    getDefaultCodeTranslationMessages: () => Promise.resolve(defaultMessages(i18n.currentLocale)),
    configureWebpack: () => ({ resolve: { alias } }),
    contentLoaded({ actions }) {
      const { id, ...settings } = options;
      actions.setGlobalData({ ...settings, tools: toolsOf(alias) });
    },
  };
}

export function validateOptions({ options }: { options: Record<string, unknown> | undefined }): PluginOptions {
  return validated(options ?? {});
}
