/** Links to conversations: making and withdrawing one, and the bar above a conversation that somebody else shared. */

import { SHARED } from "./ask_links";
import { h, iconButton } from "./dom";
import type { GatewayClient } from "./gateway_client";
import { say } from "./texts";

export interface ShareBarActions {
  /** The link has been copied. */
  copied(): void;
  /** The reader of a shared conversation wants one of their own. */
  startNew(): void;
  fail(error: unknown): void;
}

export class ShareBar {
  readonly element = h("div", { class: "share-bar", role: "status", hidden: true });

  constructor(
    private readonly client: GatewayClient,
    private readonly actions: ShareBarActions,
  ) {}

  hide(): void {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  /** Makes the link of a conversation, copies it, and offers to withdraw it. */
  async share(threadId: string): Promise<void> {
    try {
      const response = await this.client.call("POST", `${threadPath(threadId)}/link`);
      const { token } = (await response.json()) as { token: string };
      const address = linkTo(token);
      const copied = await navigator.clipboard.writeText(address).then(
        () => true,
        () => false,
      );
      if (copied) this.actions.copied();
      this.show(
        h("span", { text: say(copied ? "linkCopied" : "linkMade") }),
        copied ? undefined : h("input", { readonly: true, value: address, "aria-label": say("shareConversation") }),
        textButton(say("withdrawLink"), () => void this.withdraw(threadId)),
      );
    } catch (error) {
      this.actions.fail(error);
    }
  }

  /** Says that the conversation shown is somebody else's. */
  showShared(): void {
    this.show(
      h("span", { text: say("sharedWithYou") }),
      textButton(say("askYourself"), () => this.actions.startNew()),
    );
  }

  private async withdraw(threadId: string): Promise<void> {
    try {
      await this.client.call("POST", `${threadPath(threadId)}/unlink`);
      this.show(h("span", { text: say("linkWithdrawn") }));
    } catch (error) {
      this.actions.fail(error);
    }
  }

  private show(...parts: (Node | undefined)[]): void {
    this.element.replaceChildren(
      ...parts.filter((part) => part !== undefined),
      iconButton("close", say("closeNotice"), () => this.hide()),
    );
    this.element.hidden = false;
  }
}

/** Takes no part of the page's own parameters along but the path. */
function linkTo(token: string): string {
  const url = new URL(location.pathname, location.origin);
  url.searchParams.set(SHARED, token);
  return url.href;
}

function threadPath(threadId: string): string {
  return `/v1/threads/${encodeURIComponent(threadId)}`;
}

function textButton(text: string, click: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "plain-button", text, on: { click } });
}
