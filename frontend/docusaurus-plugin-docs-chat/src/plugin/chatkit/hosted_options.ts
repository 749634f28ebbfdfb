/** What the ChatKit element is told: where it asks, what it says, and how it looks beside this site. */

import type { ChatKitOptions as HostedOptions, SupportedLocale, ThemeOption } from "@openai/chatkit";
import type { GatewayClient } from "../../panel/gateway_client";
import { tabMemory } from "../../panel/memory";
import { say } from "../../panel/texts";
import type { ChatKitOptions, PluginOptions } from "../options";

/** Options of the plugin, with the questions to start with on this page. */
export type HostedSource = Pick<PluginOptions, "endpoint" | "site" | "heading" | "greeting"> & { prompts: string[] };

export interface HostedSetting {
  options: HostedSource;
  chatkit: ChatKitOptions;
  client: GatewayClient;
  /** Follows a link inside the site; false when the browser must load it. */
  navigate: (url: URL) => boolean;
  /** Under which the conversation of this tab is remembered. */
  memoryKey: string;
  mode: "light" | "dark";
}

/** All options: the element forgets those that it is not told again. */
export function hostedOptions({ options, chatkit, client, navigate, memoryKey, mode }: HostedSetting): HostedOptions {
  return {
    api: {
      url: client.url,
      domainKey: chatkit.domainKey,
      fetch: (_url, init) => client.fetchAsReader(init ?? {}),
    },
    locale: localeOf(document.documentElement.lang),
    frameTitle: options.heading || say("heading"),
    theme: themeOf(getComputedStyle(document.documentElement), mode),
    initialThread: tabMemory(`thread:${memoryKey}`).read(),
    header: { title: { text: options.heading || say("heading") } },
    startScreen: {
      greeting: options.greeting || say("greeting"),
      prompts: options.prompts.map((prompt) => ({ label: prompt, prompt })),
    },
    composer: { placeholder: say("placeholder") },
    disclaimer: { text: say("disclaimer") },
    history: { enabled: true, showDelete: true, showRename: true },
    threadItemActions: { feedback: true, retry: true },
    entities: {
      onClick: ({ id, data }) => {
        const url = new URL(typeof data?.href === "string" ? data.href : id, location.href);
        if (!navigate(url)) window.open(url, "_blank", "noopener");
      },
    },
  };
}

/** Locales that ChatKit knows only with their region or writing; it knows the others by their language. */
const WHOLE = ["es-419", "fr-CA", "pt-BR", "pt-PT", "zh-CN", "zh-HK", "zh-TW", "zh-Hant"];

/** ChatKit's name of a page's language; English where it has none. */
export function localeOf(language: string): SupportedLocale {
  const tag = language.replace(/_/g, "-") || "en";
  if (WHOLE.includes(tag)) return tag as SupportedLocale;
  const [first = "en", ...rest] = tag.split("-");
  if (first === "zh") return rest.includes("Hant") ? "zh-Hant" : "zh-CN";
  return (first === "no" ? "nb" : first) as SupportedLocale;
}

/** The look of the site: its accent, fonts and corners, from the custom properties of Infima. */
export function themeOf(style: Pick<CSSStyleDeclaration, "getPropertyValue">, mode: "light" | "dark"): ThemeOption {
  const read = (name: string) => style.getPropertyValue(name).trim();
  const accent = read("--ifm-color-primary");
  const background = read("--ifm-background-surface-color") || read("--ifm-background-color");
  const foreground = read("--ifm-font-color-base");
  const fontFamily = read("--ifm-font-family-base");
  const fontFamilyMono = read("--ifm-font-family-monospace");
  return {
    colorScheme: mode,
    radius: radiusOf(read("--ifm-global-radius")),
    color: {
      ...(accent && { accent: { primary: accent, level: 1 } }),
      ...(solid(background) && solid(foreground) && { surface: { background, foreground } }),
    },
    typography: { baseSize: 15, ...(fontFamily && { fontFamily }), ...(fontFamilyMono && { fontFamilyMono }) },
  };
}

/** A colour by itself: not transparent, not taken from somewhere else. */
function solid(color: string): boolean {
  return Boolean(color) && !/transparent|inherit|currentcolor|var\(/i.test(color);
}

function radiusOf(radius: string): "sharp" | "soft" | "round" {
  const size = parseFloat(radius);
  if (size === 0) return "sharp";
  return size > 0.5 && /rem|em/.test(radius) ? "round" : "soft";
}
