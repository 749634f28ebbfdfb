/** The key that opens and closes the chat, as an owner writes it: `mod+i` is Ctrl+I, on a Mac ⌘I. */

export interface Shortcut {
  key: string;
  mod: boolean;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
}

export const USUAL_SHORTCUT = "mod+i";
const NONE = "none";
const WORDS = /^(?:(?:mod|ctrl|alt|shift)\+)*(f\d{1,2}|enter|home|end|insert|\S)$/u;

/** Null when the words name no key. A letter in capitals is the letter; say `shift+` for the other. */
export function parseShortcut(words: string): Shortcut | null {
  const small = words.toLowerCase();
  const key = WORDS.exec(small)?.[1];
  const has = (modifier: string) => small.includes(`${modifier}+`);
  return key ? { key, mod: has("mod"), ctrl: has("ctrl"), alt: has("alt"), shift: has("shift") } : null;
}

/** The shortcut of an element with the attribute `shortcut`: the usual one without it, null for `none`. */
export function shortcutOf(element: Element): Shortcut | null {
  const words = element.getAttribute("shortcut") || USUAL_SHORTCUT;
  return words === NONE ? null : parseShortcut(words);
}

/** Whether the keys pressed are the shortcut. One without Ctrl, ⌘ or Alt is typed as usual where text is written. */
export function isShortcut(event: KeyboardEvent, shortcut: Shortcut | null): boolean {
  if (!shortcut || event.isComposing) return false;
  const { key, mod, ctrl, alt, shift } = shortcut;
  const plain = !mod && !ctrl && !alt;
  if (plain && isWriting(event)) return false;
  // `?` needs Shift on some keyboards and not on others: only letters say whether it must be held.
  const shiftFits = shift === event.shiftKey || (!shift && key.toUpperCase() === key && key.length === 1);
  const modFits = mod ? event.ctrlKey || event.metaKey : ctrl === event.ctrlKey && !event.metaKey;
  return modFits && shiftFits && alt === event.altKey && pressed(event, alt) === key;
}

/** How the reader's keyboard writes it: `Ctrl+I`, or `⌘I` on a Mac. */
export function shortcutName(shortcut: Shortcut, mac = /Mac OS|iP/.test(navigator.userAgent)): string {
  const { mod, ctrl, alt, shift } = shortcut;
  if (!mac) return joined(shortcut, (mod || ctrl) && "Ctrl");
  return [ctrl && "⌃", alt && "⌥", shift && "⇧", mod && "⌘", nameOf(shortcut)].filter(Boolean).join("");
}

/** As `aria-keyshortcuts` wants it: `Control+I Meta+I`. */
export function ariaShortcut(shortcut: Shortcut): string {
  const { mod, ctrl } = shortcut;
  const control = joined(shortcut, (mod || ctrl) && "Control");
  return mod ? `${control} ${joined(shortcut, "Meta")}` : control;
}

function joined(shortcut: Shortcut, first: string | false): string {
  return [first, shortcut.alt && "Alt", shortcut.shift && "Shift", nameOf(shortcut)].filter(Boolean).join("+");
}

function nameOf({ key }: Shortcut): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}

/** With Alt a Mac types another letter, so the place of the key decides there. */
function pressed(event: KeyboardEvent, alt: boolean): string {
  const letter = alt && /^Key([A-Z])$/.exec(event.code)?.[1];
  return (letter || event.key).toLowerCase();
}

function isWriting(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return target instanceof Element && Boolean(target.closest("input, textarea, select, [contenteditable]"));
}
