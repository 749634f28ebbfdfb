/**
 * `<docs-chat-launcher>`: the round "Ask" button of a page, the shortcut, and "Ask about this" on selected text.
 *
 * It is small and loads the panel when it is first wanted. Attributes are handed to the panel; `label` names the
 * button, `mode` is `drawer` unless said otherwise.
 */

import type { DocsChat } from "../docs_chat";
import { followColorMode } from "./color_mode";
import { h, icon } from "./dom";
import css from "./launcher.css";
import { watchSelection } from "./selection";
import { isShortcut } from "./shortcut";
import { sayFirst } from "./first_words";

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
}

declare global {
  interface HTMLElementTagNameMap {
    "docs-chat-launcher": DocsChatLauncher;
  }
}

const OPEN_KEY = "docs-chat.open";
const OWN_ATTRIBUTES = new Set(["label", "data-mode", "id", "class", "style"]);

export class DocsChatLauncher extends HTMLElement {
  /** Makes what the button opens, in the document's body. The plugin replaces it to load the panel lazily. */
  createPanel: () => Promise<ChatElement> = () => Promise.resolve(document.createElement("docs-chat-panel"));

  private panel: Promise<ChatElement> | undefined;
  private opened: ChatElement | undefined;
  private readonly button = h("button", { type: "button", class: "ask", "aria-haspopup": "dialog" });
  private readonly about = h("button", {
    type: "button",
    class: "about",
    text: sayFirst("askAboutThis"),
    hidden: true,
  });
  private cleanUps: (() => void)[] = [];
  /** For the page's own scripts, while this launcher is on it. */
  private readonly calls: DocsChat = {
    open: () => this.show().then(() => undefined),
    close: () => this.opened?.close(),
    ask: (question) => this.show().then((panel) => panel.ask(question)),
  };

  connectedCallback(): void {
    if (!this.shadowRoot) this.build();
    window.docsChat = this.calls;
    document.addEventListener("keydown", this.onPageKey);
    this.cleanUps = [
      () => document.removeEventListener("keydown", this.onPageKey),
      followColorMode(this),
      watchSelection(this.about, (text) => void this.show().then((panel) => panel.quote(text))),
    ];
    if (readOpen()) void this.show();
  }

  disconnectedCallback(): void {
    for (const cleanUp of this.cleanUps) cleanUp();
    if (window.docsChat === this.calls) delete window.docsChat;
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
    this.opened.open();
    this.button.hidden = true;
    rememberOpen(true);
    return this.opened;
  }

  private build(): void {
    const label = this.getAttribute("label") || sayFirst("ask");
    this.button.append(icon("spark"), h("span", { text: label }));
    this.button.title = `${label} (${/Mac OS|iP/.test(navigator.userAgent) ? "⌘" : "Ctrl+"}I)`;
    this.button.addEventListener("click", () => void this.show());
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(this.button, this.about);
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
    rememberOpen(false);
    if (document.activeElement === document.body) this.button.focus();
  }

  private readonly onPageKey = (event: KeyboardEvent): void => {
    if (!isShortcut(event) || event.defaultPrevented) return;
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
