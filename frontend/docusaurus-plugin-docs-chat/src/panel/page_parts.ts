/** Asking about parts of the page: text that is selected, blocks of code. Loaded when a reader comes near one. */

import { watchCodeBlocks } from "./code_blocks";
import { h } from "./element";
import css from "./page_parts.css";
import { sayAtPart } from "./part_words";
import { watchSelection } from "./selection";

const styles = new CSSStyleSheet();
styles.replaceSync(css);

export interface PartsWatch {
  /** Of the launcher: the buttons stand in it. */
  root: ShadowRoot;
  /** Offers to ask about blocks of code, too. */
  hasCode: boolean;
  onAsk: (text: string) => void;
  /** What the reader came near with, before anybody listened. */
  first: Event;
}

/** Puts the buttons beside that of the launcher and begins. Returns the function that ends it and takes them away. */
export function watchParts({ root, hasCode, onAsk, first }: PartsWatch): () => void {
  if (!root.adoptedStyleSheets.includes(styles)) root.adoptedStyleSheets.push(styles);
  const ends: (() => void)[] = [];
  const begin = (text: string, watch: (button: HTMLButtonElement) => () => void) => {
    const button = h("button", { type: "button", class: "about", text, hidden: true });
    root.append(button);
    ends.push(watch(button), () => button.remove());
  };
  begin(sayAtPart("askAboutThis"), (button) => watchSelection(button, onAsk));
  if (hasCode) begin(sayAtPart("askAboutCode"), (button) => watchCodeBlocks(button, onAsk, first));
  return () => {
    for (const end of ends) end();
  };
}
