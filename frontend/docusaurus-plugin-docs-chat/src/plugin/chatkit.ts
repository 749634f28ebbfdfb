/**
 * OpenAI's hosted ChatKit element in a drawer, for sites that allow it.
 *
 * Its script and frame come from OpenAI's servers and nobody may host them elsewhere, so this is opt-in. When the
 * script does not arrive, the domain is refused or the frame stays silent, our own panel takes over.
 */

import { followColorMode } from "../panel/color_mode";
import { h, iconButton } from "../panel/dom";
import { GatewayClient } from "../panel/gateway_client";
import type { ChatElement } from "../panel/launcher";
import css from "../panel/styles/panel.css";
import type { PageContext } from "../panel/protocol";
import type { ChatKitOptions, PluginOptions } from "./options";
import { say } from "../panel/texts";

const SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";
const PATIENCE_MS = 5000;

declare global {
  interface HTMLElementTagNameMap {
    "docs-chat-hosted": HostedChat;
    "openai-chatkit": ChatKitElement;
  }
}

interface ChatKitElement extends HTMLElement {
  setOptions(options: unknown): void;
  focusComposer(): Promise<void>;
  setComposerValue(value: { reply?: string; text?: string }): Promise<void>;
  sendUserMessage(message: { text: string }): Promise<void>;
}

/** Makes the drawer once ChatKit has said that it is ready; null when it does not within five seconds. */
export async function createChatKit(
  options: PluginOptions,
  chatkit: ChatKitOptions,
  context: () => PageContext,
  navigate: (url: URL) => boolean,
  prompts: readonly string[],
): Promise<ChatElement | null> {
  const deadline = new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS));
  const loaded = await Promise.race([loadScript(), deadline]);
  if (!loaded) return null;
  if (!customElements.get("docs-chat-hosted")) customElements.define("docs-chat-hosted", HostedChat);
  const hosted = document.createElement("docs-chat-hosted");
  hosted.prepare(chatKitOptions(options, chatkit, context, navigate, prompts));
  document.body.append(hosted);
  if (await Promise.race([hosted.ready, deadline])) return hosted;
  hosted.remove();
  return null;
}

function loadScript(): Promise<boolean> {
  const script = h("script", { src: SCRIPT, async: true });
  const failed = new Promise<boolean>((resolve) => script.addEventListener("error", () => resolve(false)));
  document.head.append(script);
  return Promise.race([failed, customElements.whenDefined("openai-chatkit").then(() => true)]);
}

function chatKitOptions(
  options: PluginOptions,
  { domainKey }: ChatKitOptions,
  context: () => PageContext,
  navigate: (url: URL) => boolean,
  prompts: readonly string[],
) {
  const client = new GatewayClient(options.endpoint, () => ({
    ...(options.site && { site: options.site }),
    ...context(),
  }));
  return {
    api: { url: client.url, domainKey, fetch: (_url: string, init: RequestInit) => client.fetchAsReader(init) },
    header: { title: { text: options.heading || say("heading") } },
    startScreen: {
      greeting: options.greeting || say("greeting"),
      prompts: prompts.map((prompt) => ({ label: prompt, prompt })),
    },
    history: { enabled: true, showDelete: true, showRename: true },
    threadItemActions: { feedback: true, retry: true },
    entities: {
      onClick: ({ id, data }: { id: string; data?: Record<string, string> }) => {
        const url = new URL(data?.href ?? id, location.href);
        if (!navigate(url)) window.open(url, "_blank", "noopener");
      },
    },
  };
}

const styles = new CSSStyleSheet();
styles.replaceSync(`${css} openai-chatkit { flex: 1; min-height: 0; }`);

class HostedChat extends HTMLElement implements ChatElement {
  /** True once the frame is ready, false when it reports an error first. */
  ready: Promise<boolean> = Promise.resolve(false);
  private chat!: ChatKitElement;
  private surface!: HTMLElement;
  private unfollow: (() => void) | undefined;

  prepare(options: Record<string, unknown>): void {
    this.chat = document.createElement("openai-chatkit");
    this.ready = new Promise((resolve) => {
      this.chat.addEventListener("chatkit.ready", () => resolve(true), { once: true });
      this.chat.addEventListener("chatkit.error", () => resolve(false), { once: true });
    });
    const bar = h(
      "header",
      {},
      h("h2", { text: "" }),
      iconButton("close", say("close"), () => this.close()),
    );
    // Not display:none while loading: a frame without a size never gets ready.
    this.surface = h(
      "section",
      { class: "surface", role: "dialog", "aria-label": say("heading"), inert: true },
      bar,
      this.chat,
    );
    this.surface.style.visibility = "hidden";
    this.surface.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    root.append(this.surface);
    const applyMode = () => this.chat.setOptions({ ...options, theme: this.dataset.mode ?? "light" });
    new MutationObserver(applyMode).observe(this, { attributeFilter: ["data-mode"] });
    applyMode();
  }

  connectedCallback(): void {
    this.setAttribute("mode", "drawer");
    this.unfollow?.();
    this.unfollow = followColorMode(this);
  }

  disconnectedCallback(): void {
    this.unfollow?.();
  }

  get isOpen(): boolean {
    return !this.surface.inert;
  }

  open(): void {
    this.surface.inert = false;
    this.surface.style.visibility = "visible";
    void this.chat.focusComposer().catch(() => undefined);
  }

  close(): void {
    if (!this.isOpen) return;
    this.surface.inert = true;
    this.surface.style.visibility = "hidden";
    this.dispatchEvent(new CustomEvent("docs-chat:close"));
  }

  quote(text: string): void {
    this.open();
    void this.chat.setComposerValue({ reply: text }).catch(() => undefined);
  }

  ask(question: string): void {
    void this.chat.sendUserMessage({ text: question }).catch(() => undefined);
  }

  fill(question: string): void {
    this.open();
    void this.chat.setComposerValue({ text: question }).catch(() => undefined);
  }
}
