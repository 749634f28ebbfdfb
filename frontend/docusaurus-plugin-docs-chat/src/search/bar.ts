/**
 * What the search bar of the site needs at once: its words, its shortcuts, and how the rest is loaded when it is wanted.
 *
 * Also imported where a site is rendered without a browser, so nothing of one is touched at import.
 */

import { speakLanguageOfSite } from "../plugin/site_texts";
import { searchSettings } from "./settings";

type SearchModule = typeof import("./index");

export { sayInBar } from "../panel/search_words";

speakLanguageOfSite(searchSettings()?.language ?? "en");

let loaded: SearchModule | undefined;
let loading: Promise<SearchModule> | undefined;

/** Loads the dialog before it is wanted, as when the pointer comes near. A failure shows when it is opened. */
export function preload(): void {
  load().catch(() => undefined);
}

/** Opens the dialog. What is typed while it is being loaded stands in its box. Rejects when it cannot be loaded. */
export async function openSearch(opener: HTMLElement | undefined): Promise<void> {
  const settings = searchSettings();
  if (!settings) return;
  // At once where possible: a phone shows its keyboard only for a focus within the touch itself.
  if (loaded) {
    loaded.openDialog(settings, opener, "");
    return;
  }
  const typed = collectTyping();
  try {
    const { openDialog } = await load();
    openDialog(settings, opener, typed.end());
  } finally {
    typed.end();
  }
}

/** Calls `open` at Ctrl+K or ⌘K, and at `/` where nothing is being written. Returns the function that ends it. */
export function watchShortcuts(open: () => void): () => void {
  const shortcuts = searchSettings()?.search.shortcuts ?? [];
  const onKey = (event: KeyboardEvent) => {
    const wanted = shortcuts.some((shortcut) => isPressed(shortcut, event));
    if (!wanted || event.defaultPrevented || event.isComposing) return;
    event.preventDefault();
    open();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

/** The keys to show in the bar; empty without a shortcut. */
export function shortcutKeys(): string[] {
  const shortcuts = searchSettings()?.search.shortcuts ?? [];
  if (shortcuts.includes("mod+k")) return [/Mac OS|iP/.test(navigator.userAgent) ? "⌘" : "Ctrl", "K"];
  return shortcuts.includes("/") ? ["/"] : [];
}

function isPressed(shortcut: string, event: KeyboardEvent): boolean {
  const modified = event.ctrlKey || event.metaKey;
  if (shortcut === "mod+k") return modified && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k";
  return !modified && !event.altKey && event.key === shortcut && !isWriting(event);
}

/** The element may lie in a shadow tree, as the box of the chat does. */
function isWriting(event: Event): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** Loads what is only needed once a reader searches. */
export function load(): Promise<SearchModule> {
  loading ??= import("./index").then(
    (module) => (loaded = module),
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

/** Takes the keys of a reader who is quicker than the network. */
function collectTyping(): { end: () => string } {
  let text = "";
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Backspace") text = text.slice(0, -1);
    else if (event.key.length === 1) text += event.key;
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("keydown", onKey, true);
  return {
    end: () => {
      removeEventListener("keydown", onKey, true);
      return text;
    },
  };
}
