/** One conversation in the list: open it, give it another title, delete it and take that back. */

import { h, iconButton } from "./dom";
import type { Thread } from "./protocol";
import { say } from "./texts";

export interface EntryActions {
  open(threadId: string): void;
  /** Resolves when the gateway knows the new title. */
  rename(threadId: string, title: string): Promise<unknown>;
  remove(entry: HistoryEntry): void;
  takeBack(entry: HistoryEntry): void;
  fail(error: unknown): void;
}

export class HistoryEntry {
  readonly element = h("li");

  constructor(
    readonly thread: Thread,
    private readonly actions: EntryActions,
  ) {
    this.showThread();
  }

  get title(): string {
    return this.thread.title || say("untitled");
  }

  focus(): void {
    this.element.querySelector<HTMLElement>(".entry, .plain-button")?.focus();
  }

  /** Nothing to open: the conversation is about to be deleted. */
  get isDeleted(): boolean {
    return this.element.classList.contains("deleted");
  }

  showThread(): void {
    const { thread, title, actions } = this;
    this.element.className = "";
    this.element.replaceChildren(
      h(
        "button",
        { type: "button", class: "entry", on: { click: () => actions.open(thread.id) } },
        h("span", { dir: "auto", text: title }),
        h("time", { datetime: thread.created_at, text: shortDate(new Date(thread.created_at)) }),
      ),
      iconButton("pen", say("rename", { title }), () => this.showRename(), { class: "pen" }),
      iconButton("trash", say("delete", { title }), () => actions.remove(this)),
    );
  }

  showDeleted(): void {
    const undo = h("button", {
      type: "button",
      class: "plain-button",
      text: say("undo"),
      on: { click: () => this.actions.takeBack(this) },
    });
    this.element.className = "deleted";
    this.element.replaceChildren(h("span", { dir: "auto", text: say("deleted", { title: this.title }) }), undo);
  }

  private showRename(): void {
    const input = h("input", {
      class: "rename",
      value: this.thread.title ?? "",
      maxlength: "120",
      dir: "auto",
      "aria-label": say("newTitle"),
    });
    const form = h(
      "form",
      { class: "renaming" },
      input,
      h("button", { class: "plain-button primary", text: say("save") }),
      h("button", { type: "button", class: "plain-button", text: say("cancel"), on: { click: () => close(true) } }),
    );
    let open = true;
    const close = (takesFocus: boolean) => {
      open = false;
      this.showThread();
      if (takesFocus) this.element.querySelector<HTMLElement>(".pen")?.focus();
    };
    const save = (takesFocus: boolean) => {
      const title = input.value.trim();
      const before = this.thread.title;
      if (title && title !== before) this.rename(title, before);
      close(takesFocus);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      save(true);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.stopPropagation();
      close(true);
    });
    // Going elsewhere keeps what was typed, as in a list of files.
    form.addEventListener("focusout", (event) => {
      if (open && !form.contains(event.relatedTarget as Node | null)) save(false);
    });
    this.element.className = "";
    this.element.replaceChildren(form);
    input.select();
  }

  /** Shows the new title at once, and the old one again if the gateway did not take it. */
  private rename(title: string, before: string | undefined): void {
    this.thread.title = title;
    this.actions.rename(this.thread.id, title).catch((error: unknown) => {
      if (before === undefined) delete this.thread.title;
      else this.thread.title = before;
      this.showThread();
      this.actions.fail(error);
    });
  }
}

/** The time of today's, the day of this year's, the whole date of older ones. */
function shortDate(date: Date): string {
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return date.toLocaleTimeString(undefined, { timeStyle: "short" });
  if (date.getFullYear() === now.getFullYear())
    return date.toLocaleDateString(undefined, { month: "short", day: "numeric" });
  return date.toLocaleDateString(undefined, { dateStyle: "medium" });
}
