/** One question with everything that came back, from the first passage to the last suggestion. */

import { answerAsMarkdown } from "./answer_text";
import { AnswerView, copyButton } from "./answer_view";
import type { Notice, Turn } from "./conversation";
import { h, icon, iconButton } from "./dom";
import { feedbackForm } from "./feedback_form";
import { inlineMarkdown } from "./markdown";
import type { FeedbackKind, FeedbackReason, FoundPassage } from "./protocol";
import { questionView } from "./question_view";
import { Slot } from "./slot";
import { sourcesOf, webAddress, type Source } from "./sources";
import { say } from "./texts";
import { suggestionButton } from "./welcome";

export interface TurnActions {
  retry(turn: Turn): void;
  rate(turn: Turn, kind: FeedbackKind): void;
  /** Says why an answer did not help; resolves once the gateway knows. */
  explain(turn: Turn, reason: FeedbackReason, text: string): Promise<void>;
  ask(question: string): void;
  /** Whether readers are told which model answered, and how fast. */
  showsOrigin(): boolean;
}

const PASSAGES_SHOWN = 3;

export class TurnView {
  readonly element = h("article", { class: "turn" });
  private readonly origin = new Slot("notices");
  private readonly found = new Slot("found");
  private readonly answer = new AnswerView();
  private readonly progress = h("p", { class: "progress" });
  private readonly remarks = new Slot("notices");
  private readonly sources = new Slot("source-list");
  private readonly buttons = new Slot("buttons");
  private readonly reasons = new Slot("reasons");
  private readonly next = new Slot("next");
  /** Whether the reader has said why the answer did not help, or does not want to. */
  private explained: "no" | "said" | "declined" = "no";

  constructor(
    private readonly turn: Turn,
    private readonly actions: TurnActions,
  ) {
    this.answer.element.dir = "auto";
    this.element.append(
      questionView(turn),
      this.origin.element,
      this.found.element,
      this.answer.element,
      this.progress,
      ...[this.remarks, this.sources, this.buttons, this.reasons, this.next].map(({ element }) => element),
    );
  }

  /** Brings the elements up to date with the turn. `last` turns can be retried and carry suggestions. */
  update(last: boolean): void {
    const { turn } = this;
    const { sources, marks } = sourcesOf(turn.answer?.annotations ?? []);
    const over = turn.state !== "waiting" && turn.state !== "streaming";
    this.answer.update(turn.answer?.text ?? "", marks, sources);
    this.answer.element.classList.toggle("growing", turn.state === "streaming");
    this.showProgress();
    this.showPassages();
    this.showNotices(over, last);
    this.sources.show(over && sources, () => (over && sources.length > 0 ? [sourceList(sources)] : []));
    this.showButtons(over, last);
    this.showReasons(over);
    const suggestions = over && last ? turn.suggestions : [];
    this.next.show(suggestions, () => (suggestions.length > 0 ? [this.suggestions(suggestions)] : []));
  }

  /** The answer as one would read it out: without marks and buttons. */
  get spokenText(): string {
    const copy = this.answer.element.cloneNode(true) as HTMLElement;
    for (const silent of copy.querySelectorAll(".chip, .code-bar")) silent.remove();
    return copy.innerText || copy.textContent || "";
  }

  /** The answer to take along. */
  private get markdown(): string {
    const { answer } = this.turn;
    const { sources, marks } = sourcesOf(answer?.annotations ?? []);
    return answerAsMarkdown(answer?.text ?? "", marks, sources);
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
    const passages = (turn.found?.passages ?? []).filter((passage) => webAddress(passage.uri));
    this.found.show([passages.length, answered], () => {
      if (passages.length === 0) return [];
      const cards = passages.map((passage) => passageCard(passage));
      if (!answered) return [h("ol", { class: "passages" }, ...cards.slice(0, PASSAGES_SHOWN))];
      const summary = h("summary", { dir: "auto", text: say("passagesFound", { count: passages.length }) });
      return [h("details", {}, summary, h("ol", { class: "passages" }, ...cards))];
    });
  }

  /** Where an answer comes from says how to read it, so it stands above; what to be careful with stands below. */
  private showNotices(over: boolean, last: boolean): void {
    const { turn } = this;
    const above = noticesAbove(turn);
    const below = turn.notices.filter((notice) => !tellsOrigin(notice));
    this.origin.show(above, () => above.map(noticeView));
    this.remarks.show([below, over, last, turn.state, turn.failure, turn.facts?.not_found], () => [
      ...below.map(noticeView),
      over && unverified(turn),
      turn.state === "stopped" && h("p", { class: "remark", text: say(turn.answer?.text ? "stopped" : "noAnswer") }),
      turn.failure && this.failure(turn.failure, last),
    ]);
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

  private showButtons(over: boolean, last: boolean): void {
    const { turn, actions } = this;
    const shown = over && (turn.answer?.text || (last && turn.state === "stopped"));
    this.buttons.show([shown, last, turn.state, turn.facts], () => {
      if (!shown) return [];
      const rate = (kind: FeedbackKind, label: string) =>
        iconButton(kind === "positive" ? "up" : "down", label, () => actions.rate(turn, kind), { class: kind });
      const complete = turn.state === "done" && turn.answer;
      return [
        turn.answer?.text ? copyButton(say("copyAnswer"), () => this.markdown, "answer") : false,
        complete && rate("positive", say("helped")),
        complete && rate("negative", say("didNotHelp")),
        last && iconButton("retry", say("answerAgain"), () => actions.retry(turn)),
        h("span", { class: "thanks", role: "status" }),
        h("span", { class: "origin", text: originOf(turn, actions.showsOrigin()) }),
      ];
    });
    this.showRating();
  }

  /** In place: the button that was pressed keeps the focus. */
  private showRating(): void {
    const row = this.buttons.element;
    for (const kind of ["positive", "negative"] as const)
      row.querySelector(`.${kind}`)?.setAttribute("aria-pressed", String(this.turn.feedback === kind));
    const thanks = row.querySelector(".thanks");
    const text = this.turn.feedback ? say("thanks") : "";
    if (thanks && thanks.textContent !== text) thanks.textContent = text;
  }

  /** A thumbs down asks for a reason, once. */
  private showReasons(over: boolean): void {
    const { turn } = this;
    if (turn.feedback !== "negative") this.explained = "no";
    const asked = over && turn.feedback === "negative";
    this.reasons.show([asked, this.explained], () => {
      if (!asked || this.explained === "declined") return [];
      if (this.explained === "said") return [h("p", { class: "remark", role: "status", text: say("thanks") })];
      return [
        feedbackForm({
          send: (reason, text) => {
            // A failure has been shown, and the form stays to be sent again.
            this.actions.explain(turn, reason, text).then(
              () => this.closeReasons("said"),
              () => undefined,
            );
          },
          cancel: () => this.closeReasons("declined"),
        }),
      ];
    });
  }

  private closeReasons(explained: "said" | "declined"): void {
    this.explained = explained;
    this.showReasons(true);
    this.buttons.element.querySelector<HTMLElement>(".negative")?.focus();
  }

  private suggestions(suggestions: string[]): HTMLElement {
    const buttons = suggestions.map((suggestion) =>
      h(
        "li",
        {},
        suggestionButton(suggestion, (question) => this.actions.ask(question)),
      ),
    );
    return h("ul", { class: "suggestions", "aria-label": say("askNext") }, ...buttons);
  }
}

function noticeView(notice: Notice): HTMLElement {
  return h(
    "div",
    { class: `notice ${notice.level}`, dir: "auto" },
    notice.title && h("strong", { text: notice.title }),
    h("span", {}, inlineMarkdown(notice.message)),
  );
}

/** Where the answer comes from is said last before it begins, and first to the reader. */
function noticesAbove(turn: Turn): Notice[] {
  const notices = turn.notices.filter(tellsOrigin).reverse();
  // An answer that the docs do not cover the question says so itself.
  return isNotCovered(turn) ? notices.slice(1) : notices;
}

/** The gateway warns of an answer, and informs of its origin. */
function tellsOrigin({ level }: Notice): boolean {
  return level === "info";
}

/** The verdict of the search stands until somebody has answered in spite of it. */
function isNotCovered({ facts, found, quotedText }: Turn): boolean {
  return facts ? facts.source === "not_covered" : found?.answerability === "not_covered" && !quotedText;
}

export function passageCard(passage: FoundPassage): HTMLElement {
  const place = [passage.title, ...(passage.heading_path ?? [])].join(" › ");
  const version = passage.version && h("span", { class: "badge", text: passage.version });
  return h(
    "li",
    {},
    h(
      "a",
      { href: passage.uri, dir: "auto" },
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
        { href: source.href, title: source.quote || undefined, dir: "auto" },
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

function originOf({ facts, notices }: Turn, inDetail: boolean): string {
  switch (facts?.source) {
    case "model":
      return inDetail ? `${shortName(facts.model)} · ${seconds(facts.total_ms)}` : "";
    case "cache":
      return say("fromCache");
    case "extractive":
      return notices.some(tellsOrigin) ? "" : say("quoted");
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
