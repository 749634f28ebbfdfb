/** The options of the plugin instance whose search the site shows, as the plugin hands them to the browser. */

import globalData from "@generated/globalData.json";
import type { PluginOptions, SearchOptions } from "../plugin/options";

export type SearchSettings = PluginOptions & { search: SearchOptions };

/** Of the first instance with a search: a site has one bar. Undefined when none has. */
export function searchSettings(): SearchSettings | undefined {
  const instances = Object.values((globalData["docusaurus-plugin-docs-chat"] ?? {}) as Record<string, PluginOptions>);
  return instances.find((instance): instance is SearchSettings => Boolean(instance.search));
}
