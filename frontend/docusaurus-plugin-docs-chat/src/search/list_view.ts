/** The list under the box: a listbox whose options the box points at, so that the focus never leaves the box. */

import { h } from "../panel/dom";
import { say } from "../panel/texts";
import { searchIcon, type SearchIcon } from "./icons";
import type { ResultGroup, ResultRow, Row } from "./rows";
import { shownBadges, shownPath, shownText } from "./shown";
import type { SearchSite } from "./site";

interface Option {
  row: Row;
  element: HTMLElement;
}

export interface ListEvents {
  /** Another option is the chosen one, or none. */
  chosen(element: HTMLElement | undefined): void;
  /** An option was clicked without a modifier, which would have been the browser's. */
  clicked(row: Row): void;
  /** The cross of a recent search was clicked. */
  removed(query: string): void;
}

export class ListView {
  readonly element = h("div", { id: "results", role: "listbox", class: "list" });
  private options: Option[] = [];
  private active = -1;
  /** True since the reader chose an option by key or pointer. */
  moved = false;

  constructor(
    private readonly site: SearchSite,
    private readonly events: ListEvents,
  ) {
    // Moves only: a list that changes under a resting pointer must not choose.
    this.element.addEventListener("pointermove", (event) => this.choose(this.indexOf(event), true));
    this.element.addEventListener("click", (event) => this.onClick(event));
    // The box keeps the focus.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get size(): number {
    return this.options.length;
  }

  get chosen(): Row | undefined {
    return this.options[this.active]?.row;
  }

  /** Shows groups of results and what follows them; `best` is chosen unless the reader chose a row that is still there. */
  show(label: string, groups: ResultGroup[], others: Row[], best: Row | undefined): void {
    const kept = this.moved ? this.chosen : undefined;
    this.options = [];
    this.element.setAttribute("aria-label", label);
    this.element.replaceChildren(
      ...groups.map((group) => this.group(group)),
      ...others.map((row) => this.option(row, this.plainRow(row))),
    );
    const again = kept ? this.options.findIndex(({ row }) => isSame(row, kept)) : -1;
    this.moved = again >= 0;
    this.choose(again >= 0 ? again : this.options.findIndex(({ row }) => row === best), this.moved);
    if (!this.moved) this.element.scrollTop = 0;
  }

  /** Chooses the next or the previous option, around both ends. */
  step(by: 1 | -1): void {
    const { length } = this.options;
    if (length === 0) return;
    const from = this.active < 0 && by < 0 ? 0 : this.active;
    this.choose((from + by + length) % length, true);
    this.reveal();
  }

  chooseEnd(end: "first" | "last"): void {
    this.choose(end === "first" ? 0 : this.options.length - 1, true);
    this.reveal();
  }

  private choose(index: number, byReader: boolean): void {
    if (byReader) {
      if (index < 0) return;
      this.moved = true;
    }
    if (index === this.active && this.options[index]?.element.ariaSelected === "true") return;
    this.active = index;
    for (const [position, { element }] of this.options.entries()) {
      element.setAttribute("aria-selected", String(position === index));
    }
    this.events.chosen(this.options[index]?.element);
  }

  /** The first option brings what stands above it into view as well. */
  private reveal(): void {
    if (this.active === 0) this.element.scrollTop = 0;
    else this.options[this.active]?.element.scrollIntoView({ block: "nearest" });
  }

  private group({ page, rows }: ResultGroup): HTMLElement {
    const [first, ...sections] = rows.map((row) => this.option(row, this.resultRow(row)));
    const name = first?.querySelector(".name");
    if (name) name.id = `${first?.id}-name`;
    return h(
      "div",
      { role: "group", class: `group kind-${page.kind}`, ...(name && { "aria-labelledby": name.id }) },
      first,
      ...sections,
    );
  }

  private option(row: Row, content: (Node | null)[]): HTMLElement {
    const id = `option-${this.options.length}`;
    const address = this.addressOf(row);
    const attributes = { id, role: "option", "aria-selected": "false", class: `option ${row.kind}` };
    const element = address ? h("a", { ...attributes, href: address, tabindex: "-1" }) : h("div", attributes);
    element.append(...content.filter((child) => child !== null));
    this.options.push({ row, element });
    return element;
  }

  private resultRow(row: ResultRow): (Node | null)[] {
    const name =
      row.kind === "page"
        ? h("span", { class: "name" }, shownText(row.page.title))
        : h("span", { class: "name" }, shownPath(row.headingPath));
    const snippet = row.snippet.length > 0 ? h("span", { class: "snippet" }, shownText(row.snippet)) : null;
    return [
      searchIcon(row.kind === "page" ? row.page.kind : "section"),
      h("span", { class: "text" }, name, snippet),
      row.kind === "page" ? shownBadges(row.page, this.site) : null,
      searchIcon("enter"),
    ];
  }

  private plainRow(row: Row): (Node | null)[] {
    switch (row.kind) {
      case "recent":
        return [...line("recent", row.query), this.cross(row.query)];
      case "all":
        return [...line("all", say("allResults", { query: row.query.trim() })), searchIcon("enter")];
      case "ask":
        return [
          ...line("ask", say("askThis", { question: row.question })),
          h("kbd", { class: "key", "aria-hidden": "true", text: "Tab" }),
        ];
      case "retry":
        return [...line("retry", say("tryAgain")), searchIcon("enter")];
      default:
        return this.resultRow(row);
    }
  }

  /** For the pointer only; the Delete key does the same. */
  private cross(query: string): HTMLElement {
    const cross = h("span", { class: "cross", "aria-hidden": "true" }, searchIcon("close"));
    cross.addEventListener("click", (event) => {
      event.stopPropagation();
      this.events.removed(query);
    });
    return cross;
  }

  private addressOf(row: Row): string | undefined {
    if (row.kind === "page" || row.kind === "section") return this.site.addressOf(row.uri);
    return row.kind === "all" ? this.site.resultsPage(row.query) : undefined;
  }

  private indexOf(event: Event): number {
    const target = event.target instanceof Element ? event.target.closest(".option") : null;
    return this.options.findIndex(({ element }) => element === target);
  }

  private onClick(event: MouseEvent): void {
    const option = this.options[this.indexOf(event)];
    if (!option || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.events.clicked(option.row);
  }
}

function line(icon: SearchIcon, text: string): Node[] {
  return [searchIcon(icon), h("span", { class: "text" }, h("span", { class: "name" }, h("bdi", { text })))];
}

function isSame(one: Row, other: Row): boolean {
  if (one.kind !== other.kind) return false;
  return !("uri" in one) || ("uri" in other && one.uri === other.uri);
}
