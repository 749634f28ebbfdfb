/** The options of the plugin instance whose search the site shows, as the plugin hands them to the browser. */

import globalData from "@generated/globalData.json";
import type { SearchOptions } from "../plugin/options";
import type { Settings } from "../plugin/settings";

export type SearchSettings = Settings & { search: SearchOptions };

/** Of the first instance with a search: a site has one bar. Undefined when none has. */
export function searchSettings(): SearchSettings | undefined {
  const instances = Object.values((globalData["docusaurus-plugin-docs-chat"] ?? {}) as Record<string, Settings>);
  return instances.find((instance): instance is SearchSettings => Boolean(instance.search));
}
