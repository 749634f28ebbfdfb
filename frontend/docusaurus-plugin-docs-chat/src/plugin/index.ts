/** The Docusaurus side: checks the options and hands them to the client module as global data. */

import { join } from "node:path";
import { validated, type PluginOptions } from "./options";

interface PluginContent {
  name: string;
  getClientModules(): string[];
  contentLoaded(args: { actions: { setGlobalData(data: unknown): void } }): void;
}

export default function docsChatPlugin(_context: unknown, options: PluginOptions): PluginContent {
  return {
    name: "docusaurus-plugin-docs-chat",
    getClientModules: () => [join(__dirname, "..", "client", "client.js")],
    contentLoaded({ actions }) {
      const { id: _id, ...settings } = options;
      actions.setGlobalData(settings);
    },
  };
}

export function validateOptions({ options }: { options: Record<string, unknown> | undefined }): PluginOptions {
  return validated(options ?? {});
}

export type { PluginOptions };
