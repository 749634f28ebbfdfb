/** The list of the reader's conversations, over the conversation that is shown. */

import { h, iconButton } from "./dom";
import type { GatewayClient } from "./gateway_client";
import { HistoryEntry } from "./history_entry";
import { PendingDeletions } from "./pending_deletions";
import type { Page, Thread } from "./protocol";
import { say } from "./texts";

export interface HistoryActions {
  open: (threadId: string) => void;
  /** Called as soon as the reader deletes; for some seconds it may still be taken back. */
  deleted: (threadId: string) => void;
  /** Called whenever the list comes or goes. */
  toggled: () => void;
  announce: (text: string) => void;
  fail: (error: unknown) => void;
}

const PAGE_SIZE = 30;

export class HistoryView {
  readonly element = h("section", {
    class: "history",
    id: "history",
    "aria-labelledby": "history-title",
    hidden: true,
  });
  private readonly title = h("h3", { id: "history-title", tabindex: "-1", text: say("conversations") });
  private readonly list = h("ul");
  private readonly deletions: PendingDeletions;
  private entries: HistoryEntry[] = [];

  /** @param key Tells gateways and sites apart. */
  constructor(
    private readonly client: GatewayClient,
    key: string,
    private readonly actions: HistoryActions,
  ) {
    const back = iconButton("back", say("backToConversation"), () => this.hide());
    this.element.append(h("div", { class: "history-head" }, back, this.title), this.list);
    this.deletions = new PendingDeletions(
      key,
      (id) => client.request({ type: "threads.delete", params: { thread_id: id } }),
      (id, failure) => this.deletionOver(id, failure),
    );
    this.deletions.resume();
  }

  async show(): Promise<void> {
    this.entries = [];
    this.list.replaceChildren(h("li", { class: "remark", text: say("loading") }));
    this.element.hidden = false;
    this.actions.toggled();
    this.title.focus();
    try {
      const page = await this.load();
      this.list.replaceChildren();
      this.append(page);
      if (!this.list.hasChildNodes()) this.list.append(h("li", { class: "remark", text: say("nothingAsked") }));
    } catch (error) {
      this.hide();
      this.actions.fail(error);
    }
  }

  hide(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.actions.toggled();
  }

  private load(after?: string): Promise<Page<Thread>> {
    return this.client.request<Page<Thread>>({
      type: "threads.list",
      params: { limit: PAGE_SIZE, order: "desc", ...(after && { after }) },
    });
  }

  private append(page: Page<Thread>): void {
    const entries = page.data.filter(({ id }) => !this.deletions.has(id)).map((thread) => this.entry(thread));
    this.entries.push(...entries);
    this.list.append(...entries.map(({ element }) => element));
    const after = page.data.at(-1)?.id;
    if (!page.has_more || !after) return;
    const more = h("button", { type: "button", class: "plain-button", text: say("showOlder") });
    const row = h("li", {}, more);
    more.addEventListener("click", () => {
      const last = this.entries.length;
      this.load(after).then((next) => {
        this.append(next);
        row.remove();
        (this.entries[last] ?? this.entries.at(-1))?.focus();
      }, this.actions.fail);
    });
    this.list.append(row);
  }

  private entry(thread: Thread): HistoryEntry {
    return new HistoryEntry(thread, {
      open: this.actions.open,
      rename: (threadId, title) =>
        this.client.request({ type: "threads.update", params: { thread_id: threadId, title } }),
      remove: (entry) => this.remove(entry),
      takeBack: (entry) => {
        this.deletions.takeBack(entry.thread.id);
        entry.showThread();
        entry.focus();
      },
      fail: this.actions.fail,
    });
  }

  private remove(entry: HistoryEntry): void {
    this.deletions.add(entry.thread.id);
    entry.showDeleted();
    this.actions.announce(say("deleted", { title: entry.title }));
    this.actions.deleted(entry.thread.id);
    const position = this.entries.indexOf(entry);
    const others = [...this.entries.slice(position + 1), ...this.entries.slice(0, position).reverse()];
    (others.find((other) => !other.isDeleted) ?? entry).focus();
  }

  private deletionOver(id: string, failure?: Error): void {
    const entry = this.entries.find((candidate) => candidate.thread.id === id);
    if (failure) this.actions.fail(failure);
    if (!entry) return;
    if (failure) return entry.showThread();
    this.entries = this.entries.filter((other) => other !== entry);
    const hadFocus = entry.element.matches(":focus-within");
    entry.element.remove();
    if (hadFocus) (this.entries[0] ?? this.title).focus();
  }
}
