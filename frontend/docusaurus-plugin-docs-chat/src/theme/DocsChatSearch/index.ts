/** The search itself, for the components of the theme. Not meant to be swizzled: it has no look. */

export { makeResultsPage, openSearch, preload, say, shortcutKeys, watchShortcuts } from "../../search/bar";
