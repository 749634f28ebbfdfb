/** The conversation as it is shown: a welcome while it is empty, then its turns, in a scroller that knows how to read. */

import type { Turn } from "./conversation";
import { h } from "./dom";
import { Reading } from "./reading";
import type { Session } from "./session";
import { TurnView, type TurnActions } from "./turn_view";
import { Welcome, type WelcomeContent } from "./welcome";

export interface ConversationActions extends TurnActions {
  /** What an empty conversation shows; read again whenever it is drawn. */
  welcome(): WelcomeContent;
  /** Called after each drawing. */
  drawn(): void;
}

export class ConversationView {
  readonly reading = new Reading();
  private readonly welcome: Welcome;
  private readonly log = h("div", { class: "log" });
  private readonly views = new Map<Turn, TurnView>();
  private frame = 0;

  constructor(
    private readonly session: Session,
    private readonly actions: ConversationActions,
  ) {
    this.welcome = new Welcome((question) => actions.ask(question));
    this.reading.scroller.append(this.welcome.element, this.log);
  }

  /** Draws once before the next picture, however often it is called until then. */
  schedule(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { turns } = this.session.conversation;
    this.welcome.element.hidden = turns.length > 0;
    if (turns.length === 0) this.welcome.show(this.actions.welcome());
    for (const [turn, view] of this.views) {
      if (turns.includes(turn)) continue;
      view.element.remove();
      this.views.delete(turn);
    }
    for (const turn of turns) this.viewOf(turn).update(turn === turns.at(-1));
    this.reading.grown();
    this.actions.drawn();
  }

  /** Puts the newest question to the top of what is seen. */
  showLastTurn(): void {
    this.draw();
    const turn = this.session.conversation.turns.at(-1);
    if (turn) this.reading.begin(this.viewOf(turn).element);
  }

  /** The answer of a turn as one would read it out. */
  spokenText(turn: Turn): string {
    return this.viewOf(turn).spokenText;
  }

  private viewOf(turn: Turn): TurnView {
    const known = this.views.get(turn);
    if (known) return known;
    const view = new TurnView(turn, this.actions);
    this.views.set(turn, view);
    this.log.append(view.element);
    return view;
  }
}
