/** One question with everything that came back, from the first passage to the last suggestion. */

import { AnswerView, copyButton } from "./answer_view";
import type { Turn } from "./conversation";
import { h, icon, iconButton } from "./dom";
import { inlineMarkdown } from "./markdown";
import type { FeedbackKind, FoundPassage } from "./protocol";
import { sourcesOf, webAddress, type Source } from "./sources";
import { say } from "./texts";

export interface TurnActions {
  retry(turn: Turn): void;
  rate(turn: Turn, kind: FeedbackKind): void;
  ask(question: string): void;
}

const PASSAGES_SHOWN = 3;

export class TurnView {
  readonly element = h("article", { class: "turn" });
  private readonly progress = h("p", { class: "progress" });
  private readonly found = h("div", { class: "found" });
  private readonly answer = new AnswerView();
  private readonly after = h("div", { class: "after" });
  private foundShown: unknown;

  constructor(
    private readonly turn: Turn,
    private readonly actions: TurnActions,
  ) {
    const quoted = turn.quotedText && h("blockquote", { class: "quoted", text: turn.quotedText });
    const question = h(
      "div",
      { class: "question" },
      h("span", { class: "hidden", text: say("youAsked") }),
      quoted,
      turn.question,
    );
    this.element.append(question, this.found, this.answer.element, this.progress, this.after);
  }

  /** Brings the elements up to date with the turn. `last` turns can be retried and carry suggestions. */
  update(last: boolean): void {
    const { turn } = this;
    const { sources, marks } = sourcesOf(turn.answer?.annotations ?? []);
    this.answer.update(turn.answer?.text ?? "", marks, sources);
    this.answer.element.classList.toggle("growing", turn.state === "streaming");
    this.showProgress();
    this.showPassages();
    const over = turn.state !== "waiting" && turn.state !== "streaming";
    this.after.replaceChildren(...(over ? this.closing(sources, last) : this.notices()));
  }

  /** The answer as one would read it out: without marks and buttons. */
  get spokenText(): string {
    const copy = this.answer.element.cloneNode(true) as HTMLElement;
    for (const silent of copy.querySelectorAll(".chip, .code-bar")) silent.remove();
    return copy.innerText || copy.textContent || "";
  }

  private showProgress(): void {
    const busy = this.turn.state === "waiting" || (this.turn.state === "streaming" && this.turn.progress);
    this.progress.hidden = !busy;
    const text = this.turn.progress || say("looking");
    if (this.progress.textContent !== text) this.progress.replaceChildren(h("span", { class: "pulse" }), text);
  }

  private showPassages(): void {
    const { turn } = this;
    const answered = Boolean(turn.answer?.text);
    const key = `${turn.found?.passages.length}:${answered}`;
    if (this.foundShown === key) return;
    this.foundShown = key;
    const passages = (turn.found?.passages ?? []).filter((passage) => webAddress(passage.uri));
    if (passages.length === 0) return this.found.replaceChildren();
    const cards = passages.map((passage) => passageCard(passage));
    if (!answered) return this.found.replaceChildren(h("ol", { class: "passages" }, ...cards.slice(0, PASSAGES_SHOWN)));
    const summary = h("summary", { text: say("passagesFound", { count: passages.length }) });
    this.found.replaceChildren(h("details", {}, summary, h("ol", { class: "passages" }, ...cards)));
  }

  private notices(): HTMLElement[] {
    return this.turn.notices.map((notice) =>
      h(
        "div",
        { class: `notice ${notice.level}` },
        notice.title && h("strong", { text: notice.title }),
        h("span", {}, inlineMarkdown(notice.message)),
      ),
    );
  }

  private closing(sources: Source[], last: boolean): HTMLElement[] {
    const { turn } = this;
    const parts = this.notices();
    const caution = unverified(turn);
    if (caution) parts.push(caution);
    if (turn.state === "stopped")
      parts.push(h("p", { class: "remark", text: say(turn.answer?.text ? "stopped" : "noAnswer") }));
    if (turn.failure) parts.push(this.failure(turn.failure, last));
    if (sources.length > 0) parts.push(sourceList(sources));
    if (turn.answer?.text || (last && turn.state === "stopped")) parts.push(this.buttons(last));
    if (last && turn.suggestions.length > 0) parts.push(this.suggestions());
    return parts;
  }

  private failure(failure: NonNullable<Turn["failure"]>, last: boolean): HTMLElement {
    const retry = h(
      "button",
      { type: "button", class: "plain-button", on: { click: () => this.actions.retry(this.turn) } },
      icon("retry"),
      say("tryAgain"),
    );
    return h(
      "div",
      { class: "notice danger" },
      h("span", { text: failure.message }),
      last && failure.retryable && retry,
    );
  }

  private buttons(last: boolean): HTMLElement {
    const { turn, actions } = this;
    const rate = (kind: FeedbackKind, label: string) =>
      iconButton(kind === "positive" ? "up" : "down", label, () => actions.rate(turn, kind), {
        "aria-pressed": String(turn.feedback === kind),
      });
    const complete = turn.state === "done" && turn.answer;
    return h(
      "div",
      { class: "buttons" },
      turn.answer?.text && copyButton(say("copyAnswer"), () => turn.answer?.text ?? ""),
      complete && rate("positive", say("helped")),
      complete && rate("negative", say("didNotHelp")),
      last && iconButton("retry", say("answerAgain"), () => actions.retry(turn)),
      h("span", { class: "origin", text: originOf(turn) }),
    );
  }

  private suggestions(): HTMLElement {
    const buttons = this.turn.suggestions.map((suggestion) =>
      h(
        "li",
        {},
        h("button", {
          type: "button",
          class: "suggestion",
          text: suggestion,
          on: { click: () => this.actions.ask(suggestion) },
        }),
      ),
    );
    return h("ul", { class: "suggestions", "aria-label": say("askNext") }, ...buttons);
  }
}

export function passageCard(passage: FoundPassage): HTMLElement {
  const place = [passage.title, ...(passage.heading_path ?? [])].join(" › ");
  const version = passage.version && h("span", { class: "badge", text: passage.version });
  return h(
    "li",
    {},
    h(
      "a",
      { href: passage.uri },
      h("span", { class: "place" }, icon("page"), place, version),
      h("span", { class: "snippet" }, ...snippetPieces(passage.snippet)),
    ),
  );
}

/** The gateway has taken the Markdown off; only code still stands in its backticks. */
function snippetPieces(snippet: string): (Node | string)[] {
  return snippet
    .split(/(`[^`]+`)/)
    .map((piece) => (/^`[^`]+`$/.test(piece) ? h("code", { text: piece.slice(1, -1) }) : piece));
}

function sourceList(sources: Source[]): HTMLElement {
  const entries = sources.map((source) =>
    h(
      "li",
      {},
      h(
        "a",
        { href: source.href, title: source.quote || undefined },
        h("span", { class: "number", text: String(source.number) }),
        [source.title, source.heading].filter(Boolean).join(" › "),
      ),
    ),
  );
  return h("nav", { class: "sources", "aria-label": say("sources") }, h("ol", {}, ...entries));
}

/** Names that the answer uses and the passages do not: the reader should look twice. */
export function unverified(turn: Turn): HTMLElement | undefined {
  const said = turn.notices.map((notice) => notice.message).join();
  const names = (turn.facts?.not_found ?? []).filter((name) => !said.includes(name));
  if (names.length === 0) return undefined;
  const codes = names.flatMap((name, position) => [position ? ", " : "", h("code", { text: name })]);
  return h("div", { class: "notice warning" }, h("span", {}, say("unverified"), ...codes));
}

function originOf({ facts }: Turn): string {
  switch (facts?.source) {
    case "model":
      return `${shortName(facts.model)} · ${seconds(facts.total_ms)}`;
    case "cache":
      return say("fromCache");
    case "extractive":
      return say("quoted");
    case "not_covered":
      return say("notCovered");
    default:
      return "";
  }
}

function shortName(model: string): string {
  return model.replace(/^.*\//, "").replace(/:free$/, "");
}

function seconds(milliseconds: number): string {
  return say("seconds", { seconds: (milliseconds / 1000).toFixed(1) });
}
