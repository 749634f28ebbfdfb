/** Ctrl+I, or Cmd+I on a Mac: opens and closes the chat. */
export function isShortcut(event: KeyboardEvent): boolean {
  const modified = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  return modified && event.key.toLowerCase() === "i";
}

/** The shortcut as this reader's keyboard writes it. */
export function shortcutName(): string {
  return /Mac OS|iP/.test(navigator.userAgent) ? "⌘I" : "Ctrl+I";
}
