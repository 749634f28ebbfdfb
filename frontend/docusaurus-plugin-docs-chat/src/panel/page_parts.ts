/** Asking about parts of the page: text that is selected, blocks of code. Loaded when a reader comes near one. */

import { watchCodeBlocks } from "./code_blocks";
import { watchSelection } from "./selection";

export interface PartButtons {
  selection: HTMLButtonElement;
  /** Undefined where code is left alone. */
  code: HTMLButtonElement | undefined;
}

/** Begins with the event that the reader came near with. Returns the function that ends it. */
export function watchParts({ selection, code }: PartButtons, onAsk: (text: string) => void, first: Event): () => void {
  const ends = [watchSelection(selection, onAsk), code ? watchCodeBlocks(code, onAsk, first) : () => undefined];
  return () => {
    for (const end of ends) end();
  };
}
