/** The Docusaurus side: checks the options and hands them to the client module as global data. */

import { join } from "node:path";
import { validated, type ChatKitOptions, type Options, type PluginOptions } from "./options";

export type { DocsChat } from "../docs_chat";
export type { ChatKitOptions, Options, PluginOptions };

/** The part of Docusaurus's `Plugin` that is used here. */
export interface DocsChatPlugin {
  name: string;
  getClientModules(): string[];
  contentLoaded(args: { actions: { setGlobalData(data: unknown): void } }): void;
}

export default function docsChatPlugin(_context: unknown, options: PluginOptions): DocsChatPlugin {
  return {
    name: "docusaurus-plugin-docs-chat",
    getClientModules: () => [join(__dirname, "..", "client", "client.mjs")],
    contentLoaded({ actions }) {
      const { id, ...settings } = options;
      actions.setGlobalData(settings);
    },
  };
}

export function validateOptions({ options }: { options: Record<string, unknown> | undefined }): PluginOptions {
  return validated(options ?? {});
}
