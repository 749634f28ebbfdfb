/** Where the reader writes: grows with the text, sends on Enter, becomes Stop while an answer streams. */

import { h, icon, iconButton } from "./dom";
import type { Memory } from "./memory";
import { say } from "./texts";

export interface ComposerActions {
  send(question: string, quotedText: string): void;
  stop(): void;
}

const MAX_QUESTION = 4000;
const MAX_QUOTE = 4000;

export class Composer {
  readonly element: HTMLFormElement;
  readonly input: HTMLTextAreaElement;
  private readonly button: HTMLButtonElement;
  private readonly quote = h("div", { class: "quote", hidden: true });
  private quotedText = "";
  private streaming = false;

  /** @param draft Keeps what is written and not yet sent. */
  constructor(
    private readonly actions: ComposerActions,
    private readonly draft: Memory,
  ) {
    this.input = h("textarea", {
      rows: "1",
      maxlength: String(MAX_QUESTION),
      placeholder: say("placeholder"),
      "aria-label": say("question"),
      enterkeyhint: "send",
      autocomplete: "off",
      dir: "auto",
    });
    this.button = h("button", { type: "submit", class: "send" });
    this.element = h("form", { class: "composer" }, this.quote, h("div", { class: "field" }, this.input, this.button));
    this.element.addEventListener("submit", (event) => this.submit(event));
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.restore();
    this.showButton();
  }

  focus(): void {
    this.input.focus();
  }

  /** Puts a question in, for the reader to send. */
  fill(question: string): void {
    this.input.value = question;
    this.fit();
  }

  /** Sets what the next question is about. Empty text takes it away. */
  setQuote(text: string): void {
    this.quotedText = text.trim().slice(0, MAX_QUOTE);
    this.quote.hidden = !this.quotedText;
    this.quote.replaceChildren(
      h("blockquote", { dir: "auto", text: this.quotedText }),
      iconButton("close", say("removeQuote"), () => {
        this.setQuote("");
        this.focus();
      }),
    );
    this.keep();
  }

  setStreaming(streaming: boolean): void {
    if (this.streaming === streaming) return;
    this.streaming = streaming;
    this.showButton();
  }

  /** Fits the field to its text; to be called when it is shown, for nothing hidden has a height. */
  fit(): void {
    this.input.style.height = "auto";
    if (this.input.value) this.input.style.height = `${this.input.scrollHeight}px`;
  }

  private changed(): void {
    this.fit();
    this.showButton();
    this.keep();
  }

  private keep(): void {
    const written = [this.input.value, this.quotedText];
    this.draft.write(written.some(Boolean) ? JSON.stringify(written) : undefined);
  }

  private restore(): void {
    try {
      const [question, quoted] = JSON.parse(this.draft.read() ?? "[]") as string[];
      this.input.value = question ?? "";
      this.setQuote(quoted ?? "");
    } catch {
      this.draft.write(undefined);
    }
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
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!this.streaming) this.send();
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.streaming) this.actions.stop();
    else this.send();
  }

  private send(): void {
    const question = this.input.value.trim();
    if (!question) return;
    const quotedText = this.quotedText;
    this.input.value = "";
    this.setQuote("");
    this.changed();
    this.actions.send(question, quotedText);
  }
}
