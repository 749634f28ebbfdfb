/** Tells the page how turns begin and end. Questions go along only where the owner asked for them (`event-texts`). */

import type { ChatEvents } from "../chat_events";
import type { Turn } from "./conversation";
import { tell } from "./events";
import { sourcesOf } from "./sources";

type Question = Pick<ChatEvents["asked"], "question">;

export class TurnEvents {
  private readonly begun = new WeakMap<Turn, number>();

  /** @param element The panel: events are told as its own. */
  constructor(private readonly element: Element) {}

  asked(turn: Turn, first: boolean): void {
    this.begun.set(turn, performance.now());
    const length = Array.from(turn.question).length;
    tell(this.element, "asked", { length, quoted: turn.quotedText !== "", first, ...this.question(turn) });
  }

  finished(turn: Turn): void {
    if (turn.state !== "done" || !turn.answer) {
      tell(this.element, "failed", { stopped: turn.state === "stopped" });
      return;
    }
    const detail = {
      source: turn.facts?.source ?? ("unknown" as const),
      sources: sourcesOf(turn.answer.annotations).sources.length,
      duration_ms: Math.round(performance.now() - (this.begun.get(turn) ?? performance.now())),
      ...this.question(turn),
    };
    tell(this.element, "answered", detail);
    if (detail.source === "not_covered") tell(this.element, "not-covered", detail);
  }

  private question(turn: Turn): Question {
    return this.element.hasAttribute("event-texts") ? { question: turn.question } : {};
  }
}
