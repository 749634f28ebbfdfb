/**
 * `<docs-chat-launcher>`: the round "Ask" button of a page, the shortcut, and "Ask about this" on selected text.
 *
 * It is small and loads the panel when it is first wanted. Attributes of its own: `label` names the button,
 * `launcher="false"` leaves it away, `ask-links` says what `?ask=…` does (`fill`, `ask`, `none`), `no-code` leaves away
 * "Ask about this code", `instance` tells several launchers apart. All others are handed to the panel; `mode` is
 * `drawer` unless said otherwise. While it is `hidden` nothing on the page opens the chat but a script.
 */

import { takeLinkedQuestion, watchMarkedElements } from "./ask_links";
import { currentLauncher, offerCalls } from "./calls";
import { watchCodeBlocks } from "./code_blocks";
import { followColorMode } from "./color_mode";
import { h, icon } from "./dom";
import { tell } from "./events";
import css from "./launcher.css";
import { watchSelection } from "./selection";
import { isShortcut, shortcutLabel, shortcutOf } from "./shortcut";
import { say } from "./texts";

const styles = new CSSStyleSheet();
styles.replaceSync(css);

/** What the launcher opens: our panel, or another element that can do the same. Fires `docs-chat:close`. */
export interface ChatElement extends HTMLElement {
  readonly isOpen: boolean;
  open(): void;
  close(): void;
  /** Makes `text` what the next question is about. */
  quote(text: string): void;
  /** Asks at once. */
  ask(question: string): void;
  /** Puts a question into the field, for the reader to send. */
  fill(question: string): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "docs-chat-launcher": DocsChatLauncher;
  }
}

const OPEN_KEY = "docs-chat.open";
const OWN_ATTRIBUTES = new Set(
  ["label", "data-mode", "id", "class", "style", "hidden"].concat("launcher", "no-code", "ask-links", "instance"),
);

export class DocsChatLauncher extends HTMLElement {
  /** Makes what the button opens, in the document's body. The plugin replaces it to load the panel lazily. */
  createPanel: () => Promise<ChatElement> = () => Promise.resolve(document.createElement("docs-chat-panel"));

  private panel: Promise<ChatElement> | undefined;
  private opened: ChatElement | undefined;
  private readonly button = h("button", { type: "button", class: "ask", "aria-haspopup": "dialog" });
  private readonly about = h("button", { type: "button", class: "about", text: say("askAboutThis"), hidden: true });
  private readonly aboutCode = h("button", { type: "button", class: "about", text: say("askAboutCode"), hidden: true });
  private cleanUps: (() => void)[] = [];

  connectedCallback(): void {
    if (!this.shadowRoot) this.build();
    document.addEventListener("keydown", this.onPageKey);
    const quote = (text: string) => void this.show().then((panel) => panel.quote(text));
    this.cleanUps = [
      () => document.removeEventListener("keydown", this.onPageKey),
      followColorMode(this),
      watchSelection(this.about, quote),
      this.hasAttribute("no-code") ? () => undefined : watchCodeBlocks(this.aboutCode, quote),
      watchMarkedElements({
        open: () => this.ifCurrent(() => this.show()),
        ask: (question) => this.ifCurrent(() => this.show().then((panel) => panel.ask(question))),
      }),
      offerCalls(this),
    ];
    if (readOpen()) void this.show();
    this.followLink();
  }

  /** Name of this launcher among several on the page. */
  get instance(): string {
    return this.getAttribute("instance") || "default";
  }

  /** Follows `?ask=…` in the address of the page, if this is the launcher of the page. */
  followLink(): void {
    const way = this.getAttribute("ask-links") || "fill";
    if (way === "none") return;
    this.ifCurrent(() => {
      const question = takeLinkedQuestion();
      if (question) void this.show().then((panel) => (way === "ask" ? panel.ask(question) : panel.fill(question)));
    });
  }

  /** Closes the panel, if there is one. */
  hidePanel(): void {
    this.opened?.close();
  }

  private ifCurrent(act: () => unknown): void {
    if (currentLauncher() === this) act();
  }

  disconnectedCallback(): void {
    for (const cleanUp of this.cleanUps) cleanUp();
    this.opened?.remove();
    this.panel = this.opened = undefined;
  }

  /** Opens the panel, loading it first where needed. */
  async show(): Promise<ChatElement> {
    this.panel ??= this.makePanel();
    try {
      this.opened = await this.panel;
    } catch (error) {
      this.panel = undefined;
      throw error;
    }
    const wasOpen = this.opened.isOpen;
    this.opened.open();
    if (!wasOpen) tell(this, "opened", {});
    this.button.hidden = true;
    rememberOpen(true);
    return this.opened;
  }

  private build(): void {
    const label = this.getAttribute("label") || say("ask");
    this.button.append(icon("spark"), h("span", { text: label }));
    const keys = shortcutLabel(shortcutOf(this));
    this.button.title = keys ? `${label} (${keys})` : label;
    this.button.addEventListener("click", () => void this.show());
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(this.button, this.about, this.aboutCode);
  }

  private async makePanel(): Promise<ChatElement> {
    this.button.setAttribute("aria-busy", "true");
    try {
      const panel = await this.createPanel();
      panel.setAttribute("mode", "drawer");
      for (const { name, value } of this.attributes) if (!OWN_ATTRIBUTES.has(name)) panel.setAttribute(name, value);
      panel.addEventListener("docs-chat:close", () => this.onClose());
      document.body.append(panel);
      return panel;
    } finally {
      this.button.removeAttribute("aria-busy");
    }
  }

  private onClose(): void {
    this.button.hidden = false;
    tell(this, "closed", {});
    rememberOpen(false);
    if (document.activeElement === document.body) this.button.focus();
  }

  private readonly onPageKey = (event: KeyboardEvent): void => {
    if (this.hidden || event.defaultPrevented || !isShortcut(event, shortcutOf(this))) return;
    event.preventDefault();
    if (this.opened?.isOpen) this.opened.close();
    else void this.show();
  };
}

/** A reloaded page shows the panel again if it was open. */
function readOpen(): boolean {
  try {
    return sessionStorage.getItem(OPEN_KEY) === "true";
  } catch {
    return false;
  }
}

function rememberOpen(open: boolean): void {
  try {
    sessionStorage.setItem(OPEN_KEY, String(open));
  } catch {
    // Not kept.
  }
}
