/**
 * `<docs-chat-search-page>`: all results for a query on a page of their own, with a box to change it.
 *
 * Results are plain links below headings, as on any page. The owner keeps the query in the address: it sets `query`
 * and listens to `docs-chat:query`.
 */

import { followColorMode } from "../panel/color_mode";
import { h, icon } from "../panel/dom";
import { say } from "../panel/texts";
import type { SearchAnswer } from "./answer";
import { searchIcon } from "./icons";
import { KeptAnswers } from "./kept_answers";
import { groupsOf, type ResultGroup, type ResultRow } from "./rows";
import { Searcher } from "./searcher";
import { noticesOf, shownBadges, shownPath, shownText } from "./shown";
import type { SearchSite } from "./site";
import css from "./styles/page.css";

declare global {
  interface HTMLElementTagNameMap {
    "docs-chat-search-page": ResultsPage;
  }
}

/** Sections shown at first, then after each "More results". The gateway gives no more than the last. */
const LIMITS = [15, 30, 50] as const;
const MOST = 50;
const PER_PAGE = 6;

const styles = new CSSStyleSheet();
styles.replaceSync(css);

let kept: KeptAnswers | undefined;
/** How many sections were asked for. */
const limits = new WeakMap<SearchAnswer, number>();

export class ResultsPage extends HTMLElement {
  private site!: SearchSite;
  private searcher!: Searcher;
  private limit: number = LIMITS[0];
  private unfollow: (() => void) | undefined;
  private readonly input = h("input", {
    type: "search",
    "aria-label": say("searchDocs"),
    placeholder: say("searchOrAsk"),
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    enterkeyhint: "search",
    maxlength: "500",
  });
  private readonly notice = h("div", { class: "notices", role: "status" });
  private readonly results = h("div", { class: "results" });
  private readonly more = h("button", { type: "button", class: "plain-button more", text: say("moreResults") });
  private readonly ask = h("button", { type: "button", class: "ask" });

  /** Called once, before the element is put into the page. */
  prepare(site: SearchSite): void {
    this.site = site;
    // Kept beyond this element: the browser's Back shows the page as it was left, at once.
    kept ??= new KeptAnswers(() => site.place());
    this.searcher = new Searcher(
      (query, abort) => this.find(query, abort),
      kept,
      () => this.render(),
    );
    this.build();
  }

  connectedCallback(): void {
    this.unfollow = followColorMode(this);
  }

  disconnectedCallback(): void {
    this.unfollow?.();
    this.searcher.cancel();
  }

  /** Searches for what the address of the page says. */
  set query(query: string) {
    if (query !== this.input.value.trim()) this.input.value = query;
    this.search();
  }

  override focus(): void {
    this.input.focus();
  }

  private build(): void {
    const form = h("form", { role: "search", class: "box" }, searchIcon("search"), this.input);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.site.recent.add(this.input.value);
    });
    this.input.addEventListener("input", () => {
      this.search();
      this.dispatchEvent(new CustomEvent("docs-chat:query", { detail: this.input.value.trim() }));
    });
    this.more.addEventListener("click", () => this.showMore());
    this.ask.addEventListener("click", () => this.site.ask(this.input.value.trim()));
    this.results.addEventListener("click", (event) => this.onClick(event));
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(form, this.ask, this.notice, this.results, this.more);
    this.render();
  }

  private search(): void {
    [this.limit] = LIMITS;
    this.searcher.type(this.input.value);
  }

  private async find(query: string, abort: AbortController): Promise<SearchAnswer> {
    const { limit } = this;
    const answer = await this.site.find(query, { limit, perPage: PER_PAGE }, abort);
    limits.set(answer, limit);
    return answer;
  }

  private showMore(): void {
    const { answer } = this.searcher.state;
    const shown = (answer && limits.get(answer)) ?? 0;
    this.limit = LIMITS.find((limit) => limit > shown) ?? MOST;
    this.searcher.retry();
  }

  private render(): void {
    const { query, answer, failure, pending } = this.searcher.state;
    const words = query.trim();
    this.classList.toggle("pending", pending);
    this.ask.hidden = !words;
    this.ask.replaceChildren(icon("spark"), h("bdi", { text: say("askThis", { question: words }) }));
    if (pending && answer) return;
    this.results.replaceChildren(...groupsOf(answer ?? { pages: [] }).map((group) => this.group(group)));
    this.notice.replaceChildren(...this.notices(words, answer, failure));
    this.more.hidden = !answer || pending || !this.hasMore(answer);
  }

  private notices(words: string, answer: SearchAnswer | undefined, failure: string): HTMLElement[] {
    if (failure) {
      const again = h("button", { type: "button", class: "plain-button", text: say("tryAgain") });
      again.addEventListener("click", () => this.searcher.retry());
      return [h("p", { class: "failure", text: failure }), again];
    }
    if (!words || !answer) return [];
    if (answer.pages.length === 0) {
      return [
        h("p", { class: "nothing", text: say("nothingFound", { query: answer.query.trim() || words }) }),
        h("p", { class: "hint", text: say("askInstead") }),
      ];
    }
    const count = say("resultsFound", { count: sectionsOf(answer) });
    return [...noticesOf(answer, this.site), count].map((text) => h("p", { class: "notice", text }));
  }

  private group({ page, rows }: ResultGroup): HTMLElement {
    const [top, ...sections] = rows;
    const snippet = top && top.snippet.length > 0 ? h("p", { class: "snippet" }, shownText(top.snippet)) : null;
    const title = h("a", { href: this.site.addressOf(top?.uri ?? page.uri) }, shownText(page.title));
    return h(
      "article",
      { class: `group kind-${page.kind}` },
      h("header", {}, searchIcon(page.kind), h("h2", {}, title), shownBadges(page, this.site)),
      snippet,
      sections.length > 0 && h("ul", {}, ...sections.map((row) => this.section(row))),
    );
  }

  private section(row: ResultRow): HTMLElement {
    const path = row.kind === "section" ? shownPath(row.headingPath) : null;
    const snippet = row.snippet.length > 0 ? h("p", { class: "snippet" }, shownText(row.snippet)) : null;
    return h("li", {}, h("a", { href: this.site.addressOf(row.uri) }, path), snippet);
  }

  private hasMore(answer: SearchAnswer): boolean {
    const limit = limits.get(answer) ?? MOST;
    return limit < MOST && sectionsOf(answer) >= limit;
  }

  private onClick(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link) return;
    this.site.recent.add(this.input.value);
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (this.site.navigate(new URL(link.href))) event.preventDefault();
  }
}

function sectionsOf(answer: SearchAnswer): number {
  return answer.pages.reduce((sum, page) => sum + page.sections.length, 0);
}
