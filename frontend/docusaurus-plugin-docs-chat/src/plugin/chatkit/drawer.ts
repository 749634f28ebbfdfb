/** `<docs-chat-hosted>`: a drawer or dialog around OpenAI's ChatKit element, with a spare that takes over. */

import type { ChatKitOptions as HostedOptions, OpenAIChatKit } from "@openai/chatkit";
import { followColorMode } from "../../panel/color_mode";
import { h, iconButton } from "../../panel/dom";
import { deepActiveElement, giveFocusTo, ownsFocus } from "../../panel/focus";
import { keepFocusInside } from "../../panel/focus_trap";
import type { ChatElement } from "../../panel/launcher";
import { tabMemory } from "../../panel/memory";
import css from "../../panel/styles/panel.css";
import { say } from "../../panel/texts";
import ownCss from "./drawer.css";
import { EffectsView } from "./effects_view";

/** How long ChatKit may take until it is ready. */
const PATIENCE_MS = 5000;
/** How long a frame may take to answer whether it is still there. */
const PROBE_MS = 3000;

declare global {
  interface HTMLElementTagNameMap {
    "docs-chat-hosted": HostedChat;
    "openai-chatkit": OpenAIChatKit;
  }
}

const styles = new CSSStyleSheet();
styles.replaceSync(css + ownCss);

export interface HostedParts {
  /** True once `<openai-chatkit>` is defined, false when its script cannot be loaded. */
  scriptLoaded: Promise<boolean>;
  /** All options of ChatKit for a colour mode. */
  hostedOptions: (mode: "light" | "dark") => HostedOptions;
  /** Makes the panel that takes over. */
  makeSpare: () => Promise<ChatElement>;
  /** Under which the conversation of this tab is remembered. */
  memoryKey: string;
  navigate: (url: URL) => boolean;
}

export class HostedChat extends HTMLElement implements ChatElement {
  private parts!: HostedParts;
  private surface!: HTMLElement;
  private chat: OpenAIChatKit | undefined;
  private spare: ChatElement | undefined;
  private isReady = false;
  private hasFailed = false;
  private waiting: ((chat: OpenAIChatKit | ChatElement) => void)[] = [];
  private returnFocus: HTMLElement | null = null;
  private unfollow: (() => void) | undefined;
  private readonly loading = h("p", { class: "remark loading", role: "status", text: say("opening") });
  private readonly effects = new EffectsView((question) => this.ask(question));

  prepare(parts: HostedParts): void {
    this.parts = parts;
    const title = h("h2", { id: "title", text: say("heading") });
    const bar = h(
      "header",
      {},
      title,
      iconButton("close", say("close"), () => this.close()),
    );
    this.surface = h(
      "section",
      { class: "surface", role: "dialog", "aria-labelledby": "title", inert: true },
      bar,
      this.loading,
      this.effects.element,
    );
    this.surface.addEventListener("keydown", (event) => this.onKey(event));
    this.surface.addEventListener("click", (event) => this.onClick(event));
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(
      h("i", { class: "probe" }),
      h("div", { class: "backdrop", on: { click: () => this.close() } }),
      this.surface,
    );
    void this.load();
  }

  connectedCallback(): void {
    this.unfollow?.();
    this.unfollow = followColorMode(this);
  }

  disconnectedCallback(): void {
    this.unfollow?.();
    this.spare?.remove();
  }

  get isOpen(): boolean {
    return this.spare?.isOpen ?? !this.surface.inert;
  }

  open(): void {
    if (this.spare) return this.spare.open();
    if (!this.isOpen) this.returnFocus = deepActiveElement();
    this.surface.inert = false;
    if (this.isReady) void this.chat?.focusComposer().catch(() => undefined);
    else this.surface.querySelector("button")?.focus();
  }

  close(): void {
    if (this.spare) return this.spare.close();
    if (!this.isOpen) return;
    // An inert element keeps the focus until the next frame: whoever hears of the closing would take it for in use.
    (this.shadowRoot?.activeElement as HTMLElement | null)?.blur();
    const hadFocus = ownsFocus(this);
    this.surface.inert = true;
    this.dispatchEvent(new CustomEvent("docs-chat:close"));
    if (hadFocus) giveFocusTo(this.returnFocus);
  }

  quote(text: string): void {
    this.open();
    this.whenReady((chat) => {
      if ("quote" in chat) chat.quote(text);
      else void chat.setComposerValue({ reply: text }).catch(() => undefined);
    });
  }

  ask(question: string): void {
    this.whenReady((chat) => {
      if ("ask" in chat) chat.ask(question);
      else void chat.sendUserMessage({ text: question }).catch(() => undefined);
    });
  }

  fill(question: string): void {
    this.open();
    this.whenReady((chat) => {
      if ("fill" in chat) chat.fill(question);
      else void chat.setComposerValue({ text: question }).catch(() => undefined);
    });
  }

  private whenReady(act: (chat: OpenAIChatKit | ChatElement) => void): void {
    const chat = this.spare ?? (this.isReady ? this.chat : undefined);
    if (chat) act(chat);
    else this.waiting.push(act);
  }

  private async load(): Promise<void> {
    const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS));
    if (!(await Promise.race([this.parts.scriptLoaded, late]))) return this.takeOver();
    const chat = document.createElement("openai-chatkit");
    this.chat = chat;
    const ready = new Promise<boolean>((resolve) => {
      chat.addEventListener("chatkit.ready", () => resolve(true), { once: true });
      chat.addEventListener("chatkit.error", () => resolve(false), { once: true });
    });
    this.showIn(chat);
    if (!(await Promise.race([ready, late]))) return this.takeOver();
    this.isReady = true;
    this.loading.remove();
    chat.addEventListener("chatkit.error", () => void this.checkFrame(chat));
    this.beginWith(chat);
    if (this.isOpen) void chat.focusComposer().catch(() => undefined);
  }

  private showIn(chat: OpenAIChatKit): void {
    const applyMode = () => chat.setOptions(this.parts.hostedOptions(this.dataset.mode === "dark" ? "dark" : "light"));
    new MutationObserver(applyMode).observe(this, { attributeFilter: ["data-mode"] });
    applyMode();
    chat.addEventListener("chatkit.effect", ({ detail }) => this.effects.apply(detail.name, detail.data));
    chat.addEventListener("chatkit.thread.change", ({ detail }) => {
      tabMemory(`thread:${this.parts.memoryKey}`).write(detail.threadId ?? undefined);
      if (!detail.threadId) this.effects.clear();
    });
    chat.addEventListener("chatkit.thread.load.start", () => this.effects.clear());
    this.effects.element.before(chat);
  }

  /** An error of one answer is ChatKit's to show. A frame that is gone, or answers nothing, is not coming back. */
  private async checkFrame(chat: OpenAIChatKit): Promise<void> {
    const root = chat.shadowRoot;
    if (root && !root.querySelector("iframe")) return this.takeOver();
    const silent = new Promise<false>((resolve) => setTimeout(() => resolve(false), PROBE_MS));
    const answer = chat.hideHistory().then(
      () => true,
      () => true,
    );
    if (!(await Promise.race([answer, silent]))) await this.takeOver();
  }

  private async takeOver(): Promise<void> {
    if (this.hasFailed) return;
    this.hasFailed = true;
    const spare = await this.parts.makeSpare();
    for (const { name, value } of this.attributes) if (name !== "data-mode") spare.setAttribute(name, value);
    spare.addEventListener("docs-chat:close", () => this.dispatchEvent(new CustomEvent("docs-chat:close")));
    document.body.append(spare);
    const wasOpen = this.isOpen;
    this.spare = spare;
    this.shadowRoot?.replaceChildren();
    if (wasOpen) spare.open();
    this.beginWith(spare);
  }

  private beginWith(chat: OpenAIChatKit | ChatElement): void {
    for (const act of this.waiting.splice(0)) act(chat);
  }

  private onClick(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (link && event.button === 0 && !event.metaKey && !event.ctrlKey && this.parts.navigate(new URL(link.href)))
      event.preventDefault();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") this.close();
    if (event.key === "Tab" && this.getAttribute("mode") === "modal") keepFocusInside(this.surface, event);
  }
}
