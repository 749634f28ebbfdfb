/** Which components the plugin adds to the theme: only those that the site uses, as each replaces one of the theme's. */

/** The part of a site's `themeConfig` that is read here. */
export interface ThemeConfig {
  navbar?: { items?: { type?: string; items?: { type?: string }[] }[] };
}

const ITEM = "custom-docsChatAsk";

/** Folder beside that of the plugin; undefined where the site uses none of them. */
export function themeFolder(hasSearch: boolean, themeConfig: ThemeConfig = {}): string | undefined {
  const items = themeConfig.navbar?.items ?? [];
  const hasItem = items.some((item) => item.type === ITEM || item.items?.some((inner) => inner.type === ITEM));
  if (hasSearch) return hasItem ? "theme_search_navbar" : "theme_search";
  return hasItem ? "theme_navbar" : undefined;
}
