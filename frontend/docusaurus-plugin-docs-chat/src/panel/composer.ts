/** Where the reader writes: grows with the text, sends on Enter, becomes Stop while an answer streams. */

import { h, icon, iconButton } from "./dom";
import { say } from "./texts";

export interface ComposerActions {
  send(question: string, quotedText: string): void;
  stop(): void;
}

const MAX_QUESTION = 4000;
const MAX_QUOTE = 4000;

export class Composer {
  readonly element: HTMLFormElement;
  private readonly input: HTMLTextAreaElement;
  private readonly button: HTMLButtonElement;
  private readonly quote = h("div", { class: "quote", hidden: true });
  private quotedText = "";
  private streaming = false;

  constructor(private readonly actions: ComposerActions) {
    this.input = h("textarea", {
      rows: "1",
      maxlength: String(MAX_QUESTION),
      placeholder: say("placeholder"),
      "aria-label": say("question"),
      enterkeyhint: "send",
      autocomplete: "off",
    });
    this.button = h("button", { type: "submit", class: "send" });
    this.element = h("form", { class: "composer" }, this.quote, h("div", { class: "field" }, this.input, this.button));
    this.element.addEventListener("submit", (event) => this.submit(event));
    this.input.addEventListener("input", () => this.fit());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.showButton();
  }

  focus(): void {
    this.input.focus();
  }

  /** Sets what the next question is about. Empty text takes it away. */
  setQuote(text: string): void {
    this.quotedText = text.trim().slice(0, MAX_QUOTE);
    this.quote.hidden = !this.quotedText;
    this.quote.replaceChildren(
      h("blockquote", { text: this.quotedText }),
      iconButton("close", say("removeQuote"), () => this.setQuote("")),
    );
  }

  setStreaming(streaming: boolean): void {
    this.streaming = streaming;
    this.showButton();
  }

  private showButton(): void {
    const label = say(this.streaming ? "stop" : "send");
    this.button.title = label;
    this.button.setAttribute("aria-label", label);
    this.button.toggleAttribute("data-stops", this.streaming);
    this.button.replaceChildren(icon(this.streaming ? "stop" : "send"));
    this.button.disabled = !this.streaming && !this.input.value.trim();
  }

  private pressed(event: KeyboardEvent): void {
    // Enter inside an input method picks a candidate; it does not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || this.streaming) return;
    this.submit(event);
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.streaming) return this.actions.stop();
    const question = this.input.value.trim();
    if (!question) return;
    const quotedText = this.quotedText;
    this.input.value = "";
    this.setQuote("");
    this.fit();
    this.actions.send(question, quotedText);
  }

  private fit(): void {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
    this.showButton();
  }
}
