/**
 * What our gateway says beside ChatKit's own messages: passages found, cautions, questions to ask next.
 *
 * ChatKit hands such effects to the page and shows nothing of them, so they stand below its frame.
 */

import { applyEvent, emptyConversation, newTurn, type Turn } from "../../panel/conversation";
import { h } from "../../panel/dom";
import { say } from "../../panel/texts";
import { passageCard, unverified } from "../../panel/turn_view";
import { webAddress } from "../../panel/sources";

export class EffectsView {
  readonly element = h("aside", { class: "beside", hidden: true });
  private turn: Turn = newTurn("");

  constructor(private readonly ask: (question: string) => void) {}

  /** Forgets the last turn. */
  clear(): void {
    this.turn = newTurn("");
    this.show();
  }

  apply(name: string, data: unknown): void {
    if (name === "docs_chat.passages") this.turn = newTurn("");
    applyEvent(emptyConversation(), this.turn, { type: "client_effect", name, data });
    this.show();
  }

  private show(): void {
    const parts = [this.passages(), unverified(this.turn), this.suggestions()].filter((part) => part !== undefined);
    this.element.replaceChildren(...parts);
    this.element.hidden = parts.length === 0;
  }

  private passages(): HTMLElement | undefined {
    const cards = (this.turn.found?.passages ?? []).filter(({ uri }) => webAddress(uri)).map(passageCard);
    if (cards.length === 0) return undefined;
    const summary = h("summary", { text: say("passagesFound", { count: cards.length }) });
    return h("details", { class: "found" }, summary, h("ol", { class: "passages" }, ...cards));
  }

  private suggestions(): HTMLElement | undefined {
    const chips = this.turn.suggestions.map((question) =>
      h(
        "li",
        {},
        h("button", { type: "button", class: "suggestion", text: question, on: { click: () => this.ask(question) } }),
      ),
    );
    return chips.length > 0 ? h("ul", { class: "suggestions", "aria-label": say("askNext") }, ...chips) : undefined;
  }
}
