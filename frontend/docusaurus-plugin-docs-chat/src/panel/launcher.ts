/**
 * `<docs-chat-launcher>`: the round "Ask" button of a page, the shortcut, and "Ask about this" on selected text.
 *
 * It is small and loads the panel when it is first wanted. Attributes of its own: `label` names the button,
 * `launcher="false"` leaves it away, `ask-links` says what `?ask=…` does (`fill`, `ask`, `none`), `no-code` leaves away
 * "Ask about this code", `instance` tells several launchers apart. All others are handed to the panel; `mode` is
 * `drawer` unless said otherwise. While it is `hidden` nothing on the page opens the chat but a script.
 */

import { currentLauncher, offerCalls } from "./calls";
import { followColorMode } from "./color_mode";
import { h, outline, SPARK } from "./element";
import { tell } from "./events";
import { deepActiveElement, giveFocusTo, ownsFocus } from "./focus";
import { sayFirst } from "./first_words";
import css from "./launcher.css";
import { watchMarkedElements } from "./marked_elements";
import { tabMemory } from "./memory";
import { whenNearParts } from "./near_parts";
import { ariaShortcut, isShortcut, shortcutName, shortcutOf } from "./shortcut";

const styles = new CSSStyleSheet();
styles.replaceSync(css);
/** Docusaurus has a button of its own in this corner: it stands above ours. */
const neighbours = new CSSStyleSheet();
neighbours.replaceSync('html:has(docs-chat-launcher:not([launcher="false"])) .theme-back-to-top-button{bottom:5.2rem}');
document.adoptedStyleSheets.push(neighbours);

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
const OWN_ATTRIBUTES = /^(label|data-mode|id|class|style|hidden|launcher|no-code|ask-links|instance)$/;

/** Tells the owner of the site, in the console; `error` names the file that did not arrive. */
export function notLoaded(error: unknown): void {
  console.error("docs-chat: a part could not be loaded", error);
}

export class DocsChatLauncher extends HTMLElement {
  /** Makes what the button opens, in the document's body. The plugin replaces it to load the panel lazily. */
  createPanel: () => Promise<ChatElement> = () => Promise.resolve(document.createElement("docs-chat-panel"));

  private panel: Promise<ChatElement> | undefined;
  private opened: ChatElement | undefined;
  private opener: HTMLElement | null = null;
  private readonly button = h("button", { type: "button", class: "ask", "aria-haspopup": "dialog" });
  private readonly trouble = h("div", { class: "trouble", role: "alert" });
  private cleanUps: (() => void)[] = [];

  connectedCallback(): void {
    const root = this.shadowRoot ?? this.build();
    const life = new AbortController();
    const { signal } = life;
    document.addEventListener("keydown", this.onPageKey, { signal });
    watchMarkedElements((question) => this.onMarked(question), signal);
    this.cleanUps = [() => life.abort(), followColorMode(this), this.watchParts(root), offerCalls(this)];
    if (open.read()) this.show({ focus: false }).catch(() => undefined);
    this.followLink();
  }

  /** Offers to ask about parts of the page, once the reader is near one. */
  private watchParts(root: ShadowRoot): () => void {
    const hasCode = !this.hasAttribute("no-code");
    const onAsk = (text: string) => this.tryTo((panel) => panel.quote(text));
    let end = whenNearParts((first) => {
      const loaded = import("./page_parts").then(({ watchParts }) => watchParts({ root, hasCode, onAsk, first }));
      end = () => void loaded.then((stop) => stop());
      loaded.catch(notLoaded);
    });
    return () => end();
  }

  /** Name of this launcher among several on the page. */
  get instance(): string {
    return this.getAttribute("instance") || "default";
  }

  /** Follows `?ask=…` or `?chat=…` in the address of the page, if this is the launcher of the page. */
  followLink(): void {
    if (!/[?&](ask|chat)\b/.test(location.search)) return;
    const follow = ({ followLink }: typeof import("./ask_links")) =>
      currentLauncher() === this && followLink(this, (use) => this.tryTo(use));
    import("./ask_links").then(follow).catch(notLoaded);
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

  private build(): ShadowRoot {
    const label = this.getAttribute("label") || sayFirst("ask");
    const shortcut = shortcutOf(this);
    this.button.append(outline(SPARK), h("span", { text: label }));
    this.button.title = label;
    if (shortcut) {
      const keys = shortcutName(shortcut);
      this.button.append(h("kbd", { "aria-hidden": "true", text: keys }));
      this.button.title += ` (${keys})`;
      this.button.setAttribute("aria-keyshortcuts", ariaShortcut(shortcut));
    }
    this.button.hidden = this.isButtonless;
    this.button.addEventListener("click", () => this.tryTo());
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(this.button, this.trouble);
    return root;
  }

  /** A site with an opener of its own has no use for the round button. */
  private get isButtonless(): boolean {
    return this.getAttribute("launcher") === "false";
  }

  private onMarked(question: string | undefined): void {
    if (currentLauncher() === this) this.tryTo((panel) => question && panel.ask(question));
  }

  private tryTo(use?: (panel: ChatElement) => unknown): void {
    this.show().then(use, notLoaded);
  }

  private tellTrouble(): void {
    const again = h("button", {
      type: "button",
      text: sayFirst("tryAgain"),
      on: { click: () => this.tryTo() },
    });
    this.trouble.replaceChildren(h("span", { text: sayFirst("loadFailed") }), again);
  }

  private async makePanel(): Promise<ChatElement> {
    this.button.setAttribute("aria-busy", "true");
    try {
      const panel = await this.createPanel();
      panel.setAttribute("mode", "drawer");
      for (const { name, value } of this.attributes) if (!OWN_ATTRIBUTES.test(name)) panel.setAttribute(name, value);
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
    else this.tryTo();
  };
}
