/**
 * `<docs-chat-panel>`: asks a docs-chat gateway and shows what comes back.
 *
 * Attributes: `endpoint` (address of the gateway; empty means the page's origin), `site`, `mode` (`inline`, `drawer`,
 * `modal`), `greeting`, `prompts` (JSON array of questions), `heading`, `show-origin` (tell readers which model answered).
 * Properties: `pageContext` (a function that tells where the reader is), `navigate` (follows a link inside the site),
 * `prompts` (questions to start with, or a function of the page that makes them).
 * Events: `docs-chat:close`.
 */

import { followColorMode } from "./color_mode";
import type { Copied } from "./answer_view";
import { Composer } from "./composer";
import type { Turn } from "./conversation";
import { ConversationView } from "./conversation_view";
import { keepAccentReadable } from "./contrast";
import { h, iconButton } from "./dom";
import { tell } from "./events";
import { deepActiveElement, giveFocusTo, ownsFocus } from "./focus";
import { isTouch, keepFocusInside } from "./focus_trap";
import { GatewayClient } from "./gateway_client";
import { HistoryView } from "./history_view";
import { tabMemory, type Memory } from "./memory";
import { Placement, type Mode } from "./placement";
import css from "./styles/panel.css";
import type { FeedbackKind, FeedbackReason, PageContext } from "./protocol";
import { Session } from "./session";
import { isShortcut, shortcutOf } from "./shortcut";
import { say } from "./texts";
import { ShareBar } from "./share_bar";
import { TurnEvents } from "./turn_events";
import type { Prompts } from "./welcome";

declare global {
  interface HTMLElementTagNameMap {
    "docs-chat-panel": DocsChatPanel;
  }
}

const styles = new CSSStyleSheet();
styles.replaceSync(css);

export class DocsChatPanel extends HTMLElement {
  static readonly observedAttributes = ["prompts"];

  /** Tells where the reader is; the plugin adds version, locale and tabs. */
  pageContext: () => PageContext = () => ({ page_uri: location.href, page_title: document.title });
  /** Follows a link inside the site without leaving the page; returns false to let the browser do it. */
  navigate: (url: URL) => boolean = () => false;

  private session!: Session;
  private conversation!: ConversationView;
  private composer!: Composer;
  private history!: HistoryView;
  private placement!: Placement;
  private thread!: Memory;
  private readonly surface = h("section", {
    class: "surface",
    tabindex: "-1",
    "aria-labelledby": "title",
    hidden: true,
  });
  private readonly toLink = iconButton("link", say("shareConversation"), () => this.share(), { hidden: true });
  private shareBar!: ShareBar;
  private readonly foot = h("p", { class: "foot", dir: "auto", text: say("disclaimer") });
  private readonly announcer = h("div", { class: "hidden", role: "status", "aria-live": "polite" });
  private readonly alert = h("div", { class: "hidden", role: "alert" });
  private readonly toHistory = iconButton("history", say("conversations"), () => this.toggleHistory(), {
    "aria-expanded": "false",
    "aria-controls": "history",
  });
  /** A new page has another title: then the questions to start with may be others. */
  private readonly pageWatch = new MutationObserver(() => this.conversation.schedule());
  private opener: HTMLElement | null = null;
  private givenPrompts: Prompts | undefined;
  private unfollow: (() => void) | undefined;

  connectedCallback(): void {
    if (!this.shadowRoot) this.build();
    this.unfollow = followColorMode(this, () => keepAccentReadable(this));
    document.addEventListener("keydown", this.onPageKey);
    this.pageWatch.observe(document.head, { childList: true, subtree: true, characterData: true });
    this.conversation.reading.connect();
    this.placement.connect();
    if (this.mode === "inline") this.surface.hidden = false;
    void this.restore();
  }

  disconnectedCallback(): void {
    this.unfollow?.();
    document.removeEventListener("keydown", this.onPageKey);
    this.pageWatch.disconnect();
    this.conversation.reading.disconnect();
    this.placement.disconnect();
    this.session.stop();
  }

  /** Another page has other questions to start with. */
  attributeChangedCallback(): void {
    if (this.shadowRoot) this.conversation.schedule();
  }

  get mode(): Mode {
    const mode = this.getAttribute("mode");
    return mode === "drawer" || mode === "modal" ? mode : "inline";
  }

  get isOpen(): boolean {
    return !this.surface.hidden;
  }

  get prompts(): Prompts {
    if (this.givenPrompts) return this.givenPrompts;
    try {
      const prompts: unknown = JSON.parse(this.getAttribute("prompts") || "[]");
      return Array.isArray(prompts) ? prompts.map(String) : [];
    } catch {
      console.error("docs-chat: the attribute prompts must be a JSON array of strings");
      return [];
    }
  }

  set prompts(prompts: Prompts) {
    this.givenPrompts = prompts;
    if (this.shadowRoot) this.conversation.schedule();
  }

  /** Shows the panel, and puts the cursor into the question unless `focus` is false. */
  open({ focus = true } = {}): void {
    if (!this.isOpen) this.opener = deepActiveElement();
    this.surface.hidden = false;
    this.placement.arrange();
    keepAccentReadable(this);
    this.composer.fit();
    this.conversation.draw();
    if (focus) this.focusInput();
    else if (this.placement.isBlocking) this.surface.focus();
  }

  /** Hides the panel and gives the focus back. A running answer goes on. */
  close(): void {
    if (this.mode === "inline" || !this.isOpen) return;
    const hadFocus = ownsFocus(this);
    this.history.hide();
    this.surface.hidden = true;
    this.placement.arrange();
    this.dispatchEvent(new CustomEvent("docs-chat:close"));
    if (hadFocus) giveFocusTo(this.opener);
  }

  /** Makes `text` what the next question is about. */
  quote(text: string): void {
    this.history.hide();
    this.composer.setQuote(text);
    this.open();
    this.composer.focus();
  }

  /** Puts a question into the field, for the reader to send. */
  fill(question: string): void {
    this.history.hide();
    this.composer.fill(question);
    this.open();
  }

  /** Asks at once. */
  ask(question: string, quotedText = ""): void {
    if ("shared" in this.surface.dataset) this.forgetThread();
    this.history.hide();
    void this.session.ask(question, quotedText);
    this.placement.sheet.setFull(true);
    this.conversation.showLastTurn();
    this.focusInput();
  }

  private build(): void {
    const key = `${this.getAttribute("endpoint") ?? ""}#${this.getAttribute("site") ?? ""}`;
    const client = new GatewayClient(this.getAttribute("endpoint") ?? "", () => this.contextWithSite());
    this.thread = tabMemory(`thread:${key}`);
    const told = new TurnEvents(this);
    this.session = new Session(client, {
      changed: () => this.conversation.schedule(),
      asked: (turn, first) => told.asked(turn, first),
      ended: (turn) => this.announce(turn),
      finished: (turn) => told.finished(turn),
    });
    this.conversation = this.makeConversation();
    this.composer = new Composer(
      { send: (question, quoted) => this.ask(question, quoted), stop: () => this.session.stop() },
      tabMemory(`draft:${key}`),
    );
    this.history = new HistoryView(client, key, {
      open: (threadId) => void this.openThread(threadId),
      deleted: (threadId) => this.session.conversation.threadId === threadId && this.forgetThread(),
      toggled: () => this.onHistoryToggled(),
      announce: (text) => (this.announcer.textContent = text),
      fail: (error) => this.complain(error),
    });
    const { surface } = this;
    const { reading } = this.conversation;
    surface.setAttribute("role", this.mode === "inline" ? "region" : "dialog");
    const head = this.header();
    const talk = h("div", { class: "talk" }, reading.scroller, reading.jump, this.history.element);
    this.shareBar = new ShareBar(client, {
      copied: () => tell(this, "copied", { what: "link" }),
      startNew: () => this.startNew(),
      fail: (error) => this.complain(error),
    });
    surface.append(head, this.shareBar.element, talk, this.composer.element, this.foot, this.announcer, this.alert);
    surface.addEventListener("click", (event) => this.onClick(event));
    surface.addEventListener("keydown", (event) => this.onKey(event));
    surface.addEventListener("copied", (event) => tell(this, "copied", (event as CustomEvent<Copied>).detail));
    this.placement = new Placement(this, surface, () => this.close());
    this.placement.sheet.listenTo(head);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    const backdrop = h("div", { class: "backdrop", on: { click: () => this.close() } });
    root.append(h("i", { class: "probe" }), backdrop, surface);
    this.conversation.draw();
  }

  private header(): HTMLElement {
    return h(
      "header",
      {},
      h("h2", { id: "title", text: this.getAttribute("heading") || say("heading") }),
      this.toHistory,
      this.toLink,
      iconButton("plus", say("newConversation"), () => this.startNew(), { class: "new" }),
      this.mode !== "inline" && iconButton("close", say("close"), () => this.close()),
    );
  }

  private contextWithSite(): PageContext {
    const site = this.getAttribute("site");
    return { ...(site && { site }), ...this.pageContext() };
  }

  private makeConversation(): ConversationView {
    return new ConversationView(this.session, {
      welcome: () => ({
        greeting: this.getAttribute("greeting") ?? "",
        page: this.pageContext(),
        prompts: this.prompts,
      }),
      ask: (question) => this.ask(question),
      retry: (failed) => {
        void this.session.retry(failed);
        this.focusInput();
      },
      rate: (rated, kind) => this.rate(rated, kind),
      explain: (rated, reason, text) => this.explain(rated, reason, text),
      showsOrigin: () => (this.getAttribute("show-origin") ?? "false") !== "false",
      lacksCode: () => this.complain(new Error(say("loadFailed"))),
      drawn: () => {
        const { threadId } = this.session.conversation;
        this.composer.setStreaming(this.session.streaming);
        if (threadId) this.thread.write(threadId);
        this.toLink.hidden = !threadId || !this.hasAttribute("share-links");
      },
    });
  }

  /** A phone's keyboard would cover the answer, so there the panel itself takes the focus. */
  private focusInput(): void {
    if (isTouch()) this.surface.focus();
    else this.composer.focus();
  }

  private rate(turn: Turn, kind: FeedbackKind): void {
    this.session.rate(turn, kind).then(
      () => tell(this, "feedback", { kind, reason: "" }),
      (error: unknown) => this.complain(error),
    );
  }

  private async explain(turn: Turn, reason: FeedbackReason, text: string): Promise<void> {
    try {
      await this.session.explain(turn, reason, text);
      tell(this, "feedback", { kind: "negative", reason });
    } catch (error) {
      this.complain(error);
      throw error;
    }
  }

  /** Assistive technology hears a finished answer once, not each piece of it. */
  private announce(turn: Turn): void {
    if (turn.failure) this.alert.textContent = turn.failure.message;
    else if (turn.answer)
      this.announcer.textContent = say("answerSpoken", {
        answer: this.conversation.spokenText(turn),
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

  private onHistoryToggled(): void {
    const { reading } = this.conversation;
    const shown = !this.history.element.hidden;
    const hadFocus = this.history.element.contains(this.shadowRoot?.activeElement ?? null);
    this.toHistory.setAttribute("aria-expanded", String(shown));
    for (const covered of [reading.scroller, reading.jump, this.composer.element]) covered.inert = shown;
    if (!shown && hadFocus && this.isOpen) this.toHistory.focus();
  }

  private startNew(): void {
    this.history.hide();
    this.forgetThread();
    this.focusInput();
  }

  /** Shows a conversation that somebody shared, to be read only. */
  openShared(token: string): void {
    this.history.hide();
    this.session.openShared(token).then(
      () => {
        this.surface.dataset.shared = "";
        this.shareBar.showShared();
        this.conversation.showLastTurn();
      },
      (error: unknown) => this.complain(error),
    );
  }

  private share(): void {
    const { threadId } = this.session.conversation;
    if (threadId) void this.shareBar.share(threadId);
  }

  private leaveShared(): void {
    delete this.surface.dataset.shared;
    this.shareBar.hide();
  }

  private forgetThread(): void {
    this.leaveShared();
    this.thread.write(undefined);
    this.session.startNew();
  }

  private async openThread(threadId: string): Promise<void> {
    try {
      await this.session.open(threadId);
      this.leaveShared();
      this.history.hide();
      this.conversation.showLastTurn();
      this.focusInput();
    } catch (error) {
      this.complain(error);
    }
  }

  /** A reloaded page goes on with the conversation of this tab. */
  private async restore(): Promise<void> {
    const threadId = this.thread.read();
    if (!threadId || this.session.conversation.turns.length > 0) return;
    try {
      await this.session.open(threadId);
      this.conversation.showLastTurn();
    } catch {
      this.thread.write(undefined);
    }
  }

  private onClick(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (link?.closest(".turn")) tell(this, "cited", { uri: link.href });
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href, location.href);
    // Leaving the page would cut an answer off, so a panel without a router opens pages beside it.
    if (this.mode === "inline") link.target = "_blank";
    if (url.origin === location.origin && this.navigate(url)) event.preventDefault();
    // A page that takes this one's place, by the router or by reloading, must not appear behind the chat.
    const leaves = /^https?:$/.test(url.protocol) && !link.target;
    if (this.placement.isBlocking && leaves) this.close();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      this.escape();
    }
    if (event.key === "Tab" && this.placement.isBlocking) keepFocusInside(this.surface, event);
  }

  private escape(): void {
    if (!this.history.element.hidden) this.history.hide();
    else this.close();
  }

  private readonly onPageKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    // Over a modal panel nothing else has the focus, or the focus got lost.
    if (event.key === "Escape" && this.isOpen && this.placement.isBlocking) this.escape();
    // A launcher on the page has taken the shortcut already.
    if (!isShortcut(event, shortcutOf(this))) return;
    event.preventDefault();
    if (this.mode !== "inline" && this.isOpen) this.close();
    else this.open();
  };
}
