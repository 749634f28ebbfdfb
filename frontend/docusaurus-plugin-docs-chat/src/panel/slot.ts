/** A place in the page that is drawn anew only when what it shows has changed, so that focus and selection survive. */

import { h } from "./dom";

export class Slot {
  readonly element: HTMLElement;
  private shown: string | undefined;

  constructor(className: string) {
    this.element = h("div", { class: className });
  }

  /** Draws `make()` unless that was drawn for an equal `content` already. */
  show(content: object | string | false, make: () => (Node | false | undefined)[]): void {
    const key = JSON.stringify(content);
    if (key === this.shown) return;
    this.shown = key;
    this.element.replaceChildren(...make().filter((child): child is Node => Boolean(child)));
  }
}
