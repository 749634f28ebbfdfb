/**
 * `<docs-chat-panel>`: asks a docs-chat gateway and shows what comes back.
 *
 * Attributes: `endpoint` (address of the gateway; empty means the page's origin), `site`, `mode` (`inline`, `drawer`,
 * `modal`), `greeting`, `prompts` (JSON array of questions), `heading`.
 * Properties: `pageContext` (a function that tells where the reader is), `navigate` (follows a link inside the site).
 * Events: `docs-chat:close`.
 */

import { followColorMode } from "./color_mode";
import { Composer } from "./composer";
import type { Turn } from "./conversation";
import { h, iconButton } from "./dom";
import { keepFocusInside } from "./focus";
import { GatewayClient } from "./gateway_client";
import { HistoryView } from "./history_view";
import css from "./styles/panel.css";
import type { PageContext } from "./protocol";
import { Session } from "./session";
import { isShortcut } from "./shortcut";
import { readThreadId, rememberThreadId } from "./thread_memory";
import { TurnView } from "./turn_view";
import { say } from "./texts";

declare global {
  interface HTMLElementTagNameMap {
    "docs-chat-panel": DocsChatPanel;
  }
}

const styles = new CSSStyleSheet();
styles.replaceSync(css);

const NARROW = "(max-width: 640px)";
const NEAR_END_PX = 80;

export class DocsChatPanel extends HTMLElement {
  /** Tells where the reader is; the plugin adds version, locale and tabs. */
  pageContext: () => PageContext = () => ({ page_uri: location.href, page_title: document.title });
  /** Follows a link inside the site without leaving the page; returns false to let the browser do it. */
  navigate: (url: URL) => boolean = () => false;

  private session!: Session;
  private composer!: Composer;
  private history!: HistoryView;
  private surface!: HTMLElement;
  private readonly scroller = h("div", { class: "scroller", tabindex: "-1" });
  private readonly welcome = h("div", { class: "welcome" });
  private readonly log = h("div", { class: "log" });
  private readonly announcer = h("div", { class: "hidden", role: "status", "aria-live": "polite" });
  private readonly alert = h("div", { class: "hidden", role: "alert" });
  private readonly headline = h("h2", { id: "title" });
  private readonly views = new Map<Turn, TurnView>();
  private frame = 0;
  private wasStreaming = false;
  private returnFocus: HTMLElement | null = null;
  private unfollow: (() => void) | undefined;

  connectedCallback(): void {
    if (!this.shadowRoot) this.build();
    this.unfollow = followColorMode(this);
    document.addEventListener("keydown", this.onPageKey);
    if (this.mode === "inline") this.surface.hidden = false;
    void this.restore();
  }

  disconnectedCallback(): void {
    this.unfollow?.();
    document.removeEventListener("keydown", this.onPageKey);
    this.session.stop();
  }

  get mode(): "inline" | "drawer" | "modal" {
    const mode = this.getAttribute("mode");
    return mode === "drawer" || mode === "modal" ? mode : "inline";
  }

  get isOpen(): boolean {
    return !this.surface.hidden;
  }

  /** Shows the panel and puts the cursor into the question. */
  open(): void {
    if (!this.isOpen) this.returnFocus = deepActiveElement();
    this.surface.hidden = false;
    this.surface.setAttribute("aria-modal", String(this.blocking));
    this.composer.focus();
  }

  /** Hides the panel and gives the focus back. A running answer goes on. */
  close(): void {
    if (this.mode === "inline" || !this.isOpen) return;
    this.surface.hidden = true;
    this.returnFocus?.focus();
    this.dispatchEvent(new CustomEvent("docs-chat:close"));
  }

  /** Makes `text` what the next question is about. */
  quote(text: string): void {
    this.composer.setQuote(text);
    this.open();
  }

  /** Asks at once. */
  ask(question: string, quotedText = ""): void {
    this.history.hide();
    void this.session.ask(question, quotedText);
    this.scrollToEnd();
  }

  private get blocking(): boolean {
    return this.mode === "modal" || (this.mode === "drawer" && matchMedia(NARROW).matches);
  }

  private build(): void {
    const client = new GatewayClient(this.getAttribute("endpoint") ?? "", () => this.contextWithSite());
    this.session = new Session(client, { changed: () => this.schedule(), ended: (turn) => this.announce(turn) });
    this.composer = new Composer({
      send: (question, quoted) => this.ask(question, quoted),
      stop: () => this.session.stop(),
    });
    this.history = new HistoryView(client, {
      open: (threadId) => void this.openThread(threadId),
      deleted: (threadId) => this.session.conversation.threadId === threadId && this.startNew(),
      fail: (error) => this.complain(error),
    });
    this.surface = h("section", {
      class: "surface",
      role: this.mode === "inline" ? "region" : "dialog",
      "aria-labelledby": "title",
      hidden: true,
    });
    this.scroller.append(this.welcome, this.log);
    const foot = h("p", { class: "foot", text: say("disclaimer") });
    this.surface.append(
      this.header(),
      this.history.element,
      this.scroller,
      this.composer.element,
      foot,
      this.announcer,
      this.alert,
    );
    this.surface.addEventListener("click", (event) => this.onClick(event));
    this.surface.addEventListener("keydown", (event) => this.onKey(event));
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(h("div", { class: "backdrop", on: { click: () => this.close() } }), this.surface);
    this.showWelcome();
    this.schedule();
  }

  private header(): HTMLElement {
    this.headline.textContent = this.getAttribute("heading") || say("heading");
    return h(
      "header",
      {},
      this.headline,
      iconButton("history", say("conversations"), () => this.toggleHistory()),
      iconButton("plus", say("newConversation"), () => this.startNew(), { class: "new" }),
      this.mode !== "inline" && iconButton("close", say("close"), () => this.close()),
    );
  }

  private showWelcome(): void {
    const prompts = this.prompts.map((prompt) =>
      h(
        "li",
        {},
        h("button", { type: "button", class: "suggestion", text: prompt, on: { click: () => this.ask(prompt) } }),
      ),
    );
    this.welcome.replaceChildren(
      h("p", { class: "greeting", text: this.getAttribute("greeting") || say("greeting") }),
      h("ul", { class: "suggestions", "aria-label": say("startingQuestions") }, ...prompts),
    );
  }

  private get prompts(): string[] {
    try {
      const prompts: unknown = JSON.parse(this.getAttribute("prompts") || "[]");
      return Array.isArray(prompts) ? prompts.map(String) : [];
    } catch {
      console.error("docs-chat: the attribute prompts must be a JSON array of strings");
      return [];
    }
  }

  private contextWithSite(): PageContext {
    const site = this.getAttribute("site");
    return { ...(site && { site }), ...this.pageContext() };
  }

  private schedule(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const { conversation, streaming } = this.session;
    const following = this.isNearEnd();
    this.welcome.hidden = conversation.turns.length > 0;
    for (const [turn, view] of this.views) {
      if (conversation.turns.includes(turn)) continue;
      view.element.remove();
      this.views.delete(turn);
    }
    const last = conversation.turns.at(-1);
    for (const turn of conversation.turns) this.viewOf(turn).update(turn === last);
    this.composer.setStreaming(streaming);
    if (conversation.threadId) rememberThreadId(this.memoryKey, conversation.threadId);
    if (following && (streaming || this.wasStreaming)) this.scrollToEnd();
    this.wasStreaming = streaming;
  }

  private viewOf(turn: Turn): TurnView {
    const known = this.views.get(turn);
    if (known) return known;
    const view = new TurnView(turn, {
      retry: (failed) => void this.session.retry(failed),
      rate: (rated, kind) => void this.session.rate(rated, kind).catch((error: unknown) => this.complain(error)),
      ask: (question) => this.ask(question),
    });
    this.views.set(turn, view);
    this.log.append(view.element);
    return view;
  }

  /** Assistive technology hears a finished answer once, not each piece of it. */
  private announce(turn: Turn): void {
    if (turn.failure) this.alert.textContent = turn.failure.message;
    else if (turn.answer)
      this.announcer.textContent = say("answerSpoken", {
        answer: this.views.get(turn)?.spokenText ?? turn.answer.text,
      });
  }

  private complain(error: unknown): void {
    const message = (error as Error).message;
    this.alert.textContent = message;
    const toast = h("p", { class: "toast", text: message });
    this.surface.append(toast);
    setTimeout(() => toast.remove(), 6000);
  }

  private toggleHistory(): void {
    if (this.history.element.hidden) void this.history.show();
    else this.history.hide();
  }

  private startNew(): void {
    this.history.hide();
    rememberThreadId(this.memoryKey, undefined);
    this.session.startNew();
    this.composer.focus();
  }

  private async openThread(threadId: string): Promise<void> {
    try {
      await this.session.open(threadId);
      this.history.hide();
      requestAnimationFrame(() => this.scrollToEnd());
    } catch (error) {
      this.complain(error);
    }
  }

  private get memoryKey(): string {
    return `${this.getAttribute("endpoint") ?? ""}#${this.getAttribute("site") ?? ""}`;
  }

  /** A reloaded page goes on with the conversation of this tab. */
  private async restore(): Promise<void> {
    const threadId = readThreadId(this.memoryKey);
    if (!threadId || this.session.conversation.turns.length > 0) return;
    await this.session.open(threadId).catch(() => rememberThreadId(this.memoryKey, undefined));
  }

  private onClick(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href, location.href);
    // Leaving the page would cut an answer off, so a panel without a router opens pages beside it.
    if (this.mode === "inline") link.target = "_blank";
    if (url.origin === location.origin && this.navigate(url)) event.preventDefault();
    // A page that takes this one's place, by the router or by reloading, must not appear behind the chat.
    const leaves = /^https?:$/.test(url.protocol) && !link.target;
    if (this.blocking && leaves) this.close();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (!this.history.element.hidden) this.history.hide();
      else this.close();
    }
    if (event.key === "Tab" && this.blocking) keepFocusInside(this.surface, event);
  }

  private readonly onPageKey = (event: KeyboardEvent): void => {
    // A launcher on the page has taken the shortcut already.
    if (!isShortcut(event) || event.defaultPrevented) return;
    event.preventDefault();
    if (this.mode !== "inline" && this.isOpen) this.close();
    else this.open();
  };

  private isNearEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  private scrollToEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

function deepActiveElement(): HTMLElement | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active as HTMLElement | null;
}
