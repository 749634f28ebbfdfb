/** The conversation as it is shown: a welcome while it is empty, then its turns, in a scroller that knows how to read. */

import type { Turn } from "./conversation";
import { h } from "./dom";
import { Reading } from "./reading";
import type { Session } from "./session";
import type { TurnActions, TurnView } from "./turn_view";
import { Welcome, type WelcomeContent } from "./welcome";

export interface ConversationActions extends TurnActions {
  /** What an empty conversation shows; read again whenever it is drawn. */
  welcome(): WelcomeContent;
  /** Called after each drawing. */
  drawn(): void;
  /** Called when the code that draws turns could not be loaded; the next drawing tries again. */
  lacksCode(error: unknown): void;
}

export class ConversationView {
  readonly reading = new Reading();
  private readonly welcome: Welcome;
  private readonly log = h("div", { class: "log" });
  private readonly views = new Map<Turn, TurnView>();
  private makeView: ((turn: Turn) => TurnView) | undefined;
  private loading: Promise<void> | undefined;
  private begins = false;
  private frame = 0;

  constructor(
    private readonly session: Session,
    private readonly actions: ConversationActions,
  ) {
    this.welcome = new Welcome((question) => actions.ask(question));
    this.reading.scroller.append(this.welcome.element, this.log);
    void this.load();
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
    if (turns.length > 0) this.drawTurns(turns);
    this.reading.grown();
    this.actions.drawn();
  }

  /** Puts the newest question to the top of what is seen. */
  showLastTurn(): void {
    this.begins = true;
    this.draw();
  }

  /** The answer of a turn as one would read it out. */
  spokenText(turn: Turn): string {
    return this.views.get(turn)?.spokenText ?? turn.answer?.text ?? "";
  }

  private drawTurns(turns: Turn[]): void {
    const make = this.makeView;
    if (!make) return void this.load();
    const last = turns.at(-1);
    for (const turn of turns) this.viewOf(turn, make).update(turn === last);
    const newest = last && this.views.get(last);
    if (this.begins && newest) this.reading.begin(newest.element);
    this.begins = false;
  }

  private viewOf(turn: Turn, make: (turn: Turn) => TurnView): TurnView {
    const known = this.views.get(turn);
    if (known) return known;
    const view = make(turn);
    this.views.set(turn, view);
    this.log.append(view.element);
    return view;
  }

  /** Most of the code draws answers, and an empty conversation needs none of it: it comes while the reader writes. */
  private load(): Promise<void> {
    this.loading ??= import("./turn_view").then(
      ({ TurnView }) => {
        this.makeView = (turn) => new TurnView(turn, this.actions);
        this.schedule();
      },
      (error: unknown) => {
        this.loading = undefined;
        if (this.session.conversation.turns.length > 0) this.actions.lacksCode(error);
      },
    );
    return this.loading;
  }
}
