/**
 * `<docs-chat-launcher>`: the round "Ask" button of a page, the shortcut, and "Ask about this" on selected text.
 *
 * It is small and loads the panel when it is first wanted. Attributes are handed to the panel; `label` names the
 * button, `mode` is `drawer` unless said otherwise.
 */

import type { DocsChat } from "../docs_chat";
import { followColorMode } from "./color_mode";
import { h, icon } from "./dom";
import { deepActiveElement, giveFocusTo, ownsFocus } from "./focus";
import { sayFirst } from "./first_words";
import css from "./launcher.css";
import { tabMemory } from "./memory";
import { isShortcut, shortcutName } from "./shortcut";

const styles = new CSSStyleSheet();
styles.replaceSync(css);
/** Docusaurus has a button of its own in this corner: it stands above ours. */
const neighbours = new CSSStyleSheet();
neighbours.replaceSync('html:has(docs-chat-launcher:not([launcher="false"])) .theme-back-to-top-button{bottom:5.2rem}');

/** What the launcher opens: our panel, or another element that can do the same. Fires `docs-chat:close`. */
export interface ChatElement extends HTMLElement {
  readonly isOpen: boolean;
  /** Shows it, with the focus inside unless `focus` is false. */
  open(options?: { focus?: boolean }): void;
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

/** A reloaded page shows the panel again if it was open. */
const open = tabMemory("open");
const OWN_ATTRIBUTES = new Set(["label", "launcher", "data-mode", "id", "class", "style"]);

export class DocsChatLauncher extends HTMLElement {
  /** Makes what the button opens, in the document's body. The plugin replaces it to load the panel lazily. */
  createPanel: () => Promise<ChatElement> = () => Promise.resolve(document.createElement("docs-chat-panel"));

  private panel: Promise<ChatElement> | undefined;
  private opened: ChatElement | undefined;
  private opener: HTMLElement | null = null;
  private readonly button = h("button", { type: "button", class: "ask", "aria-haspopup": "dialog" });
  private readonly about = h("button", {
    type: "button",
    class: "about",
    text: sayFirst("askAboutThis"),
    hidden: true,
  });
  private readonly trouble = h("div", { class: "trouble", role: "alert" });
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
      this.watchSelection(),
    ];
    if (open.read()) this.show({ focus: false }).catch(() => undefined);
  }

  disconnectedCallback(): void {
    for (const cleanUp of this.cleanUps) cleanUp();
    if (window.docsChat === this.calls) delete window.docsChat;
    this.opened?.remove();
    this.panel = this.opened = undefined;
  }

  /**
   * Opens the panel, loading it first where needed.
   *
   * @throws Whatever kept the panel from being loaded; the reader has been told, and the next call tries again.
   */
  async show(options?: { focus?: boolean }): Promise<ChatElement> {
    if (!this.opened?.isOpen) this.opener = deepActiveElement();
    this.trouble.replaceChildren();
    this.panel ??= this.makePanel();
    try {
      this.opened = await this.panel;
    } catch (error) {
      this.panel = undefined;
      this.tellTrouble();
      throw error;
    }
    this.opened.open(options);
    this.button.hidden = true;
    open.write("true");
    return this.opened;
  }

  private build(): void {
    const label = this.getAttribute("label") || sayFirst("ask");
    const hint = h("kbd", { "aria-hidden": "true", text: shortcutName() });
    this.button.append(icon("spark"), h("span", { text: label }), hint);
    this.button.title = `${label} (${shortcutName()})`;
    this.button.setAttribute("aria-keyshortcuts", "Control+I Meta+I");
    this.button.hidden = this.isButtonless;
    this.button.addEventListener("click", () => this.tryTo(() => undefined));
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    if (!document.adoptedStyleSheets.includes(neighbours)) document.adoptedStyleSheets.push(neighbours);
    root.append(this.button, this.about, this.trouble);
  }

  /** What follows a selection is loaded with the first one: many readers never make any. */
  private watchSelection(): () => void {
    let end: (() => void) | undefined;
    const begin = () => {
      if (document.getSelection()?.isCollapsed ?? true) return;
      stop();
      import("./selection").then(
        ({ watchSelection }) => {
          if (this.isConnected) end = watchSelection(this.about, (text) => this.tryTo((panel) => panel.quote(text)));
        },
        (error: unknown) => console.error("docs-chat: selected text cannot be asked about", error),
      );
    };
    const stop = () => document.removeEventListener("selectionchange", begin);
    document.addEventListener("selectionchange", begin);
    return () => {
      stop();
      end?.();
    };
  }

  /** A site with an opener of its own has no use for the round button. */
  private get isButtonless(): boolean {
    return this.getAttribute("launcher") === "false";
  }

  private tryTo(use: (panel: ChatElement) => void): void {
    this.show().then(use, (error: unknown) => console.error("docs-chat: the panel could not be loaded", error));
  }

  private tellTrouble(): void {
    const again = h("button", {
      type: "button",
      text: sayFirst("tryAgain"),
      on: { click: () => this.tryTo(() => undefined) },
    });
    this.trouble.replaceChildren(h("span", { text: sayFirst("loadFailed") }), again);
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
    this.button.hidden = this.isButtonless;
    open.write(undefined);
    if (this.opened && ownsFocus(this.opened)) giveFocusTo(this.opener, this.button);
  }

  private readonly onPageKey = (event: KeyboardEvent): void => {
    if (!isShortcut(event) || event.defaultPrevented) return;
    event.preventDefault();
    if (this.opened?.isOpen) this.opened.close();
    else this.tryTo(() => undefined);
  };
}
