/**
 * `<docs-chat-launcher>`: the round "Ask" button of a page, the shortcut, and "Ask about this" on selected text.
 *
 * It is small and loads the panel when it is first wanted. Attributes of its own: `label` names the button,
 * `launcher="false"` leaves it away, `ask-links` says what `?ask=…` does (`fill`, `ask`, `none`), `no-code` leaves away
 * "Ask about this code", `instance` tells several launchers apart. All others are handed to the panel; `mode` is
 * `drawer` unless said otherwise. While it is `hidden` nothing on the page opens the chat but a script.
 */

import { newSharedToken, takeLinkedQuestion, watchMarkedElements } from "./ask_links";
import { currentLauncher, offerCalls } from "./calls";
import { followColorMode } from "./color_mode";
import { h, outline, SPARK } from "./element";
import { tell } from "./events";
import { deepActiveElement, giveFocusTo, ownsFocus } from "./focus";
import { sayFirst } from "./first_words";
import css from "./launcher.css";
import { tabMemory } from "./memory";
import { whenNearParts } from "./near_parts";
import { ariaShortcut, isShortcut, shortcutName, shortcutOf } from "./shortcut";

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
  /** Puts a question into the field, for the reader to send. */
  fill(question: string): void;
  /** Shows a conversation that somebody shared, where it can. */
  openShared?(token: string): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "docs-chat-launcher": DocsChatLauncher;
  }
}

/** A reloaded page shows the panel again if it was open. */
const open = tabMemory("open");
const OWN_ATTRIBUTES = new Set(
  ["label", "data-mode", "id", "class", "style", "hidden"].concat("launcher", "no-code", "ask-links", "instance"),
);

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
  private readonly aboutCode = h("button", {
    type: "button",
    class: "about",
    text: sayFirst("askAboutCode"),
    hidden: true,
  });
  private readonly trouble = h("div", { class: "trouble", role: "alert" });
  private cleanUps: (() => void)[] = [];

  connectedCallback(): void {
    if (!this.shadowRoot) this.build();
    document.addEventListener("keydown", this.onPageKey);
    const quote = (text: string) => this.tryTo((panel) => panel.quote(text));
    this.cleanUps = [
      () => document.removeEventListener("keydown", this.onPageKey),
      followColorMode(this),
      this.watchParts(quote),
      watchMarkedElements({
        open: () => this.ifCurrent(() => undefined),
        ask: (question) => this.ifCurrent((panel) => panel.ask(question)),
      }),
      offerCalls(this),
    ];
    if (open.read()) this.show({ focus: false }).catch(() => undefined);
    this.followLink();
  }

  /** Offers to ask about parts of the page, once the reader is near one. */
  private watchParts(quote: (text: string) => void): () => void {
    const buttons = { selection: this.about, code: this.hasAttribute("no-code") ? undefined : this.aboutCode };
    let end = whenNearParts((event) => {
      const loaded = import("./page_parts").then(({ watchParts }) => watchParts(buttons, quote, event));
      end = () => void loaded.then((stop) => stop());
      loaded.catch((error: unknown) => console.error("docs-chat: asking about parts of the page does not work", error));
    });
    return () => end();
  }

  /** Name of this launcher among several on the page. */
  get instance(): string {
    return this.getAttribute("instance") || "default";
  }

  /** Follows `?ask=…` in the address of the page, if this is the launcher of the page. */
  followLink(): void {
    if (currentLauncher() !== this) return;
    const shared = this.hasAttribute("share-links") ? newSharedToken() : "";
    if (shared) this.tryTo((panel) => panel.openShared?.(shared));
    const way = this.getAttribute("ask-links") || "fill";
    if (way === "none") return;
    const question = takeLinkedQuestion();
    if (question) this.tryTo((panel) => (way === "ask" ? panel.ask(question) : panel.fill(question)));
  }

  /** Closes the panel, if there is one. */
  hidePanel(): void {
    this.opened?.close();
  }

  disconnectedCallback(): void {
    for (const cleanUp of this.cleanUps) cleanUp();
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
    const wasOpen = this.opened.isOpen;
    this.opened.open(options);
    if (!wasOpen) tell(this, "opened", {});
    this.button.hidden = true;
    open.write("true");
    return this.opened;
  }

  private build(): void {
    const label = this.getAttribute("label") || sayFirst("ask");
    const shortcut = shortcutOf(this);
    const keys = shortcutName(shortcut);
    this.button.append(outline(SPARK), h("span", { text: label }));
    this.button.title = label;
    if (shortcut) {
      this.button.append(h("kbd", { "aria-hidden": "true", text: keys }));
      this.button.title = `${label} (${keys})`;
      this.button.setAttribute("aria-keyshortcuts", ariaShortcut(shortcut));
    }
    this.button.hidden = this.isButtonless;
    this.button.addEventListener("click", () => this.tryTo(() => undefined));
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    if (!document.adoptedStyleSheets.includes(neighbours)) document.adoptedStyleSheets.push(neighbours);
    root.append(this.button, this.about, this.aboutCode, this.trouble);
  }

  /** A site with an opener of its own has no use for the round button. */
  private get isButtonless(): boolean {
    return this.getAttribute("launcher") === "false";
  }

  private ifCurrent(use: (panel: ChatElement) => void): void {
    if (currentLauncher() === this) this.tryTo(use);
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
    tell(this, "closed", {});
    open.write(undefined);
    if (this.opened && ownsFocus(this.opened)) giveFocusTo(this.opener, this.button);
  }

  private readonly onPageKey = (event: KeyboardEvent): void => {
    if (this.hidden || event.defaultPrevented || !isShortcut(event, shortcutOf(this))) return;
    event.preventDefault();
    if (this.opened?.isOpen) this.opened.close();
    else this.tryTo(() => undefined);
  };
}
