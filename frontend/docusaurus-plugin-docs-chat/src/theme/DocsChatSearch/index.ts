/** The search itself, for the bar of the theme. Not meant to be swizzled: it has no look. */

export { openSearch, preload, sayInBar, shortcutKeys, watchShortcuts } from "../../search/bar";
