/** What a page of the docs offers below its title: ask about it, copy it as Markdown. */

import { h, icon, type IconName } from "../panel/dom";
import { tell } from "../panel/events";
import { GatewayClient } from "../panel/gateway_client";
import { say } from "../panel/texts";
import { docsVersion, pageContext } from "./page_context";
import css from "./page_actions.css";
import type { Settings } from "./settings";

const NAME = "docs-chat-page-actions";
const styles = new CSSStyleSheet();
styles.replaceSync(css);

export class PageActions {
  private readonly element = document.createElement(NAME);
  private readonly client: GatewayClient;

  /** @param quote Makes a text what the next question is about. */
  constructor(
    private readonly settings: Settings,
    private readonly quote: (text: string) => void,
  ) {
    this.element.setAttribute("site", settings.site);
    const root = this.element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    this.client = new GatewayClient(settings.endpoint, () => pageContext(settings.pathPrefix));
    if (settings.askAboutPage) root.append(action("spark", say("askAboutPage"), () => this.ask()));
    if (settings.copyPage) root.append(action("copy", say("copyPage"), (button) => void this.copy(button)));
  }

  /** Puts the buttons below the title of the page that is shown now; nowhere where it is no page of the docs. */
  place(isShown: boolean): void {
    const title = docsVersion().version && document.querySelector("article h1");
    if (!isShown || !title) {
      this.element.remove();
      return;
    }
    // Behind everything in the header that React made, or behind the title: it never looks there for its own.
    const header = title.closest("header");
    if (header?.closest("article")) header.append(this.element);
    else title.after(this.element);
  }

  private ask(): void {
    this.quote(say("thisPage", { title: pageContext("").page_title }));
  }

  private async copy(button: HTMLButtonElement): Promise<void> {
    const label = button.querySelector("span");
    const show = (text: string) => label && (label.textContent = text);
    try {
      const { site } = this.settings;
      const query = new URLSearchParams({ uri: pageContext("").page_uri, ...(site && { site }) });
      const text = this.client.call("GET", `/v1/pages.md?${query.toString()}`).then((response) => response.text());
      await write(text);
      tell(this.element, "copied", { what: "page" });
      show(say("copied"));
    } catch {
      show(say("pageNotCopied"));
    }
    setTimeout(() => show(say("copyPage")), 3000);
  }
}

/** Safari forgets that the reader clicked while something is loaded, unless it is given the promise at once. */
async function write(text: Promise<string>): Promise<void> {
  const blob = text.then((content) => new Blob([content], { type: "text/plain" }));
  await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
}

function action(name: IconName, text: string, click: (button: HTMLButtonElement) => void): HTMLButtonElement {
  const button = h("button", { type: "button", class: name }, icon(name), h("span", { text, "aria-live": "polite" }));
  button.addEventListener("click", () => click(button));
  return button;
}
