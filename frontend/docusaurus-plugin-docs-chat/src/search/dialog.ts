/**
 * `<docs-chat-search>`: search and ask in one box, over the page.
 *
 * A combobox: the box keeps the focus and points at the option that is chosen. The element stays in the page once it
 * was opened; `open()` shows it again, empty.
 */

import { followColorMode } from "../panel/color_mode";
import { h, iconButton } from "../panel/dom";
import { say } from "../panel/texts";
import type { SearchAnswer } from "./answer";
import { searchIcon } from "./icons";
import { KeptAnswers } from "./kept_answers";
import { ListView } from "./list_view";
import { lockScroll } from "./scroll_lock";
import { bestRow, groupsOf, type Row } from "./rows";
import css from "./styles/dialog.css";
import { Searcher } from "./searcher";
import { noticesOf } from "./shown";
import type { SearchSite } from "./site";

declare global {
  interface HTMLElementTagNameMap {
    "docs-chat-search": SearchDialog;
  }
}

const EXTENT = { limit: 12, perPage: 4 };
const MAX_QUERY = 500;
/** An answer that takes longer is not waited for in silence. */
const SLOW_MS = 400;

const styles = new CSSStyleSheet();
styles.replaceSync(css);

export class SearchDialog extends HTMLElement {
  private site!: SearchSite;
  private searcher!: Searcher;
  private list!: ListView;
  private readonly input = h("input", {
    type: "text",
    role: "combobox",
    "aria-label": say("searchDocs"),
    "aria-autocomplete": "list",
    "aria-controls": "results",
    "aria-expanded": "false",
    "aria-haspopup": "listbox",
    placeholder: say("searchOrAsk"),
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
    spellcheck: "false",
    enterkeyhint: "go",
    maxlength: String(MAX_QUERY),
  });
  private readonly clearButton = iconButton("close", say("clearSearch"), () => this.clear(), { class: "clear" });
  private readonly notice = h("div", { class: "notices" });
  private readonly spoken = h("div", { role: "status", class: "hidden" });
  private readonly dialog = h("dialog", { class: "dialog", "aria-label": say("searchDocs") });
  private readonly forget = h("button", { type: "button", class: "link-button", text: say("forgetSearches") });
  private opener: HTMLElement | undefined;
  private unlock: (() => void) | undefined;
  private unfollow: (() => void) | undefined;
  /** Enter was pressed before the answer came: open the best result once it is there. */
  private openBest = false;
  private slow: ReturnType<typeof setTimeout> | undefined;

  /** Called once, before the element is put into the page. */
  prepare(site: SearchSite): void {
    this.site = site;
    this.searcher = new Searcher(
      (query, abort) => site.find(query, EXTENT, abort),
      new KeptAnswers(() => site.place()),
      () => this.render(),
    );
    this.list = new ListView(site, {
      chosen: (element) => this.point(element),
      clicked: (row) => this.act(row),
      removed: (query) => this.removeRecent(query),
    });
    this.build();
  }

  connectedCallback(): void {
    this.unfollow = followColorMode(this);
  }

  disconnectedCallback(): void {
    this.unfollow?.();
    this.unlock?.();
  }

  get isOpen(): boolean {
    return this.dialog.open;
  }

  /** Shows the dialog; the focus returns to `opener` when it closes, unless it was elsewhere before. */
  open(opener: HTMLElement | undefined, query = ""): void {
    if (this.isOpen) return;
    const focused = document.activeElement;
    this.opener = focused instanceof HTMLElement && focused !== document.body ? focused : opener;
    this.unlock = lockScroll();
    this.fit();
    visualViewport?.addEventListener("resize", this.fit);
    this.dialog.showModal();
    this.setQuery(query);
    this.render();
    this.input.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    this.searcher.cancel();
    clearTimeout(this.slow);
    this.dialog.close();
    visualViewport?.removeEventListener("resize", this.fit);
    this.unlock?.();
    const back = this.opener?.isConnected ? this.opener : undefined;
    back?.focus({ preventScroll: true });
  }

  /** The keyboard of a phone covers a part of the screen that the styles do not know of. */
  private readonly fit = (): void => {
    if (visualViewport) this.dialog.style.setProperty("--visible", `${Math.round(visualViewport.height)}px`);
  };

  private build(): void {
    const closeButton = h(
      "button",
      { type: "button", class: "close", on: { click: () => this.close() } },
      h("kbd", { class: "key", "aria-hidden": "true", text: "Esc" }),
      h("span", { class: "word", text: say("close") }),
    );
    const box = h("div", { class: "box" }, searchIcon("search"), this.input, this.clearButton, closeButton);
    const body = h("div", { class: "body" }, this.notice, this.list.element);
    this.dialog.append(box, h("div", { class: "progress" }), body, keyHints(), this.spoken);
    this.input.addEventListener("input", () => this.onInput());
    this.forget.addEventListener("click", () => this.forgetAll());
    this.dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    this.dialog.addEventListener("mousedown", (event) => event.target === this.dialog && this.close());
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(this.dialog);
  }

  private setQuery(query: string): void {
    this.input.value = query;
    this.onInput();
  }

  private onInput(): void {
    this.openBest = false;
    this.list.moved = false;
    this.searcher.type(this.input.value);
  }

  private clear(): void {
    this.setQuery("");
    this.input.focus();
  }

  private render(): void {
    const { query, answer, pending } = this.searcher.state;
    this.dialog.classList.toggle("pending", pending);
    this.dialog.classList.toggle("asking", Boolean(query.trim()));
    this.clearButton.hidden = !query;
    clearTimeout(this.slow);
    if (!query.trim()) this.renderStart();
    else if (answer) this.renderAnswer(answer);
    else this.slow = setTimeout(() => this.renderWaiting(), SLOW_MS);
    this.input.setAttribute("aria-expanded", String(this.list.size > 0));
    if (!pending && this.openBest) this.openBestResult();
  }

  /** The empty box: what was searched for before. */
  private renderStart(): void {
    const rows = this.site.recent.list().map((query): Row => ({ kind: "recent", query }));
    const heading =
      rows.length > 0
        ? h("div", { class: "heading" }, h("span", { text: say("recentSearches") }), this.forget)
        : h("p", { class: "hint", text: say("searchHint") });
    this.notice.replaceChildren(heading);
    this.list.show(say("recentSearches"), [], rows, undefined);
    this.spoken.textContent = "";
  }

  /** The first answer is late: what stood there until now goes, and asking is offered. */
  private renderWaiting(): void {
    this.notice.replaceChildren();
    this.list.show(say("searchResults"), [], [this.askRow()], undefined);
  }

  private renderAnswer(answer: SearchAnswer): void {
    const { query, failure, pending } = this.searcher.state;
    const groups = groupsOf(answer);
    const found = groups.reduce((sum, { page }) => sum + page.sections.length, 0);
    const nothing = say("nothingFound", { query: answer.query.trim() });
    const spoken = failure || [...noticesOf(answer, this.site), say("resultsFound", { count: found })].join(" ");
    if (!pending) this.spoken.textContent = found || failure ? spoken : nothing;
    this.notice.replaceChildren(...this.notices(answer));
    const ask = this.askRow();
    const others: Row[] = [
      ...(failure ? [{ kind: "retry" } as const] : []),
      ...(found > 0 && this.site.resultsPage(query) ? [{ kind: "all", query } as const] : []),
      ask,
    ];
    this.list.show(say("searchResults"), groups, others, bestRow(groups) ?? (failure ? others[0] : ask));
  }

  private notices(answer: SearchAnswer): HTMLElement[] {
    const { failure } = this.searcher.state;
    if (failure) return [h("p", { class: "failure", text: failure })];
    if (answer.pages.length === 0) {
      return [
        h("p", { class: "nothing", text: say("nothingFound", { query: answer.query.trim() }) }),
        h("p", { class: "hint", text: say("askInstead") }),
      ];
    }
    return noticesOf(answer, this.site).map((text) => h("p", { class: "notice", text }));
  }

  private askRow(): Row {
    return { kind: "ask", question: this.searcher.state.query.trim() };
  }

  private point(option: HTMLElement | undefined): void {
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  // ---- keys ----

  private onKey(event: KeyboardEvent): void {
    // Shortcuts of the page below would act unseen.
    event.stopPropagation();
    if (event.isComposing) return;
    const inBox = event.composedPath()[0] === this.input;
    if (this.onDialogKey(event) || (inBox && this.onBoxKey(event))) event.preventDefault();
  }

  /** True when the key was for the dialog. */
  private onDialogKey(event: KeyboardEvent): boolean {
    const modified = event.ctrlKey || event.metaKey;
    if (modified && event.key.toLowerCase() === "k") {
      this.close();
      return true;
    }
    if (event.key !== "Escape") return false;
    if (this.input.value) this.clear();
    else this.close();
    return true;
  }

  /** True when the key was for the list and not for the text. */
  private onBoxKey(event: KeyboardEvent): boolean {
    switch (event.key) {
      case "ArrowDown":
        this.list.step(1);
        return true;
      case "ArrowUp":
        this.list.step(-1);
        return true;
      case "Home":
      case "End":
        return this.toEnd(event);
      case "Enter":
        this.onEnter(event.ctrlKey || event.metaKey || event.shiftKey);
        return true;
      case "Tab":
        if (event.shiftKey || !this.input.value.trim()) return false;
        this.act(this.askRow());
        return true;
      case "Delete":
        return this.onDelete();
      default:
        return false;
    }
  }

  /** Home and End move within the text first; once there, or once an arrow was used, within the list. */
  private toEnd({ key, shiftKey, ctrlKey }: KeyboardEvent): boolean {
    const { value, selectionStart, selectionEnd } = this.input;
    const place = key === "Home" ? 0 : value.length;
    const isThere = selectionStart === place && selectionEnd === place;
    if (shiftKey || ctrlKey || this.list.size === 0 || !(isThere || this.list.moved)) return false;
    this.list.chooseEnd(key === "Home" ? "first" : "last");
    return true;
  }

  private onDelete(): boolean {
    const { chosen } = this.list;
    if (chosen?.kind !== "recent") return false;
    this.removeRecent(chosen.query);
    return true;
  }

  private onEnter(inNewTab: boolean): void {
    const { pending, query } = this.searcher.state;
    if (pending && query.trim() && !this.list.moved) {
      this.openBest = true;
      return;
    }
    const { chosen } = this.list;
    if (!chosen) return;
    if (inNewTab) this.openInNewTab(chosen);
    else this.act(chosen);
  }

  // ---- what rows do ----

  private openBestResult(): void {
    this.openBest = false;
    const { chosen } = this.list;
    if (chosen?.kind === "page" || chosen?.kind === "section") this.act(chosen);
  }

  private act(row: Row): void {
    switch (row.kind) {
      case "recent":
        this.setQuery(row.query);
        this.input.focus();
        return;
      case "retry":
        return this.searcher.retry();
      case "ask":
        this.site.recent.add(row.question);
        this.close();
        return this.site.ask(row.question);
      case "all":
        return this.leaveFor(this.site.resultsPage(row.query) ?? location.href);
      default:
        return this.leaveFor(this.site.addressOf(row.uri));
    }
  }

  private leaveFor(address: string): void {
    this.site.recent.add(this.searcher.state.query);
    this.close();
    const url = new URL(address, location.href);
    if (!this.site.navigate(url)) location.assign(url);
  }

  private openInNewTab(row: Row): void {
    const address =
      "uri" in row ? this.site.addressOf(row.uri) : row.kind === "all" && this.site.resultsPage(row.query);
    if (!address) return this.act(row);
    this.site.recent.add(this.searcher.state.query);
    window.open(new URL(address, location.href), "_blank", "noopener");
  }

  private removeRecent(query: string): void {
    this.site.recent.remove(query);
    this.render();
  }

  private forgetAll(): void {
    this.site.recent.clear();
    this.render();
    this.input.focus();
  }
}

function keyHints(): HTMLElement {
  const hint = (keys: string[], text: string, when = "") =>
    h("span", { class: when }, ...keys.map((key) => h("kbd", { class: "key", text: key })), h("span", { text }));
  return h(
    "footer",
    { class: "keys", "aria-hidden": "true" },
    hint(["↑", "↓"], say("keyMove")),
    hint(["↵"], say("keyOpen")),
    hint(["Tab"], say("keyAsk"), "when-asking"),
    hint(["Esc"], say("keyClose")),
  );
}
