/**
 * `<docs-chat-launcher>`: the round "Ask" button of a page, the shortcut, and "Ask about this" on selected text.
 *
 * It is small and loads the panel when it is first wanted. Attributes are handed to the panel; `label` names the
 * button, `mode` is `drawer` unless said otherwise.
 */

import { followColorMode } from "./color_mode";
import { h, icon } from "./dom";
import css from "./launcher.css";
import type { DocsChatPanel } from "./panel";
import { watchSelection } from "./selection";

const styles = new CSSStyleSheet();
styles.replaceSync(css);

const OPEN_KEY = "docs-chat.open";

export class DocsChatLauncher extends HTMLElement {
  /** Defines `docs-chat-panel`. The bundle for plain pages has it already; the plugin loads it as a chunk. */
  loadPanel: () => Promise<unknown> = () => customElements.whenDefined("docs-chat-panel");
  /** Set up by the plugin before the panel is first shown. */
  preparePanel: (panel: DocsChatPanel) => void = () => {};

  private panel: DocsChatPanel | undefined;
  private readonly button = h("button", { type: "button", class: "ask", "aria-haspopup": "dialog" });
  private readonly about = h("button", { type: "button", class: "about", text: "Ask about this", hidden: true });
  private cleanUps: (() => void)[] = [];

  connectedCallback(): void {
    if (!this.shadowRoot) this.build();
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
    this.panel?.remove();
    this.panel = undefined;
  }

  /** Opens the panel, loading it first where needed. */
  async show(): Promise<DocsChatPanel> {
    this.panel ??= await this.makePanel();
    this.panel.open();
    this.button.hidden = true;
    rememberOpen(true);
    return this.panel;
  }

  private build(): void {
    const label = this.getAttribute("label") || "Ask";
    this.button.append(icon("spark"), h("span", { text: label }));
    this.button.title = `${label} (${/Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl+"}I)`;
    this.button.addEventListener("click", () => void this.show());
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(this.button, this.about);
  }

  private async makePanel(): Promise<DocsChatPanel> {
    this.button.setAttribute("aria-busy", "true");
    try {
      await this.loadPanel();
    } finally {
      this.button.removeAttribute("aria-busy");
    }
    if (this.panel) return this.panel;
    const panel = document.createElement("docs-chat-panel") as DocsChatPanel;
    panel.setAttribute("mode", "drawer");
    for (const { name, value } of this.attributes) if (name !== "label") panel.setAttribute(name, value);
    this.preparePanel(panel);
    panel.addEventListener("docs-chat:close", () => this.onClose());
    document.body.append(panel);
    return panel;
  }

  private onClose(): void {
    this.button.hidden = false;
    rememberOpen(false);
    if (document.activeElement === document.body) this.button.focus();
  }

  /** Until the panel is there, the shortcut is ours; from then on the panel listens itself. */
  private readonly onPageKey = (event: KeyboardEvent): void => {
    if (this.panel || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    if (event.key.toLowerCase() !== "i") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.show();
  };
}

/** A page that was loaded anew shows the panel again if it was open. */
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
