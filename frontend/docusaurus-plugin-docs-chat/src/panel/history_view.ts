/** The list of the reader's conversations: open, rename, delete, load more. */

import { h, iconButton } from "./dom";
import type { GatewayClient } from "./gateway_client";
import type { Page, Thread } from "./protocol";
import { say } from "./texts";

export interface HistoryActions {
  open: (threadId: string) => void;
  /** Called after the thread has been deleted on the gateway. */
  deleted: (threadId: string) => void;
  fail: (error: unknown) => void;
}

const PAGE_SIZE = 30;

export class HistoryView {
  readonly element = h("section", { class: "history", "aria-label": say("conversations"), hidden: true });
  private readonly list = h("ul");

  constructor(
    private readonly client: GatewayClient,
    private readonly actions: HistoryActions,
  ) {
    this.element.append(h("h2", { text: say("conversations") }), this.list);
  }

  async show(): Promise<void> {
    this.list.replaceChildren(h("li", { class: "remark", text: say("loading") }));
    this.element.hidden = false;
    try {
      const page = await this.load();
      this.list.replaceChildren();
      if (page.data.length === 0) this.list.append(h("li", { class: "remark", text: say("nothingAsked") }));
      this.append(page);
    } catch (error) {
      this.hide();
      this.actions.fail(error);
    }
  }

  hide(): void {
    this.element.hidden = true;
  }

  private load(after?: string): Promise<Page<Thread>> {
    return this.client.request<Page<Thread>>({
      type: "threads.list",
      params: { limit: PAGE_SIZE, order: "desc", ...(after && { after }) },
    });
  }

  private append(page: Page<Thread>): void {
    this.list.append(...page.data.map((thread) => this.entry(thread)));
    const after = page.data.at(-1)?.id;
    if (!page.has_more || !after) return;
    const more = h("button", { type: "button", class: "plain-button", text: say("showOlder") });
    const row = h("li", {}, more);
    more.addEventListener("click", () => {
      row.remove();
      this.load(after).then((next) => this.append(next), this.actions.fail);
    });
    this.list.append(row);
  }

  private entry(thread: Thread): HTMLElement {
    const title = thread.title || say("untitled");
    const open = h(
      "button",
      { type: "button", class: "entry", on: { click: () => this.actions.open(thread.id) } },
      h("span", { text: title }),
      h("time", { datetime: thread.created_at, text: new Date(thread.created_at).toLocaleDateString() }),
    );
    const row = h("li", {}, open);
    row.append(
      iconButton("pen", say("rename", { title }), () => this.rename(thread, row)),
      iconButton("trash", say("delete", { title }), () => this.remove(thread, row)),
    );
    return row;
  }

  private rename(thread: Thread, row: HTMLElement): void {
    const input = h("input", {
      class: "rename",
      value: thread.title ?? "",
      maxlength: "120",
      "aria-label": say("newTitle"),
    });
    const close = (renamed: Thread) => row.replaceWith(this.entry(renamed));
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.stopPropagation();
      event.preventDefault();
      const title = input.value.trim();
      if (event.key === "Escape" || !title) {
        close(thread);
        return;
      }
      this.client
        .request({ type: "threads.update", params: { thread_id: thread.id, title } })
        .then(() => close({ ...thread, title }), this.actions.fail);
    });
    row.replaceChildren(input);
    input.select();
  }

  private remove(thread: Thread, row: HTMLElement): void {
    this.client.request({ type: "threads.delete", params: { thread_id: thread.id } }).then(() => {
      row.remove();
      this.actions.deleted(thread.id);
    }, this.actions.fail);
  }
}
