/** The Docusaurus site around the search: its gateway, router, chat, versions and languages. */

import siteConfig from "@generated/docusaurus.config.mjs";
import globalData from "@generated/globalData.json";
import { GatewayClient, GatewayError } from "../panel/gateway_client";
import { say } from "../panel/texts";
import { isPageOfSite, navigateInSite } from "../plugin/navigate";
import { docsPlaceOfReader, pageContext } from "../plugin/page_context";
import { readAnswer, type FoundPage, type SearchAnswer } from "./answer";
import { languageName, localeBadge, versionBadge, type Versions } from "./badges";
import { RecentSearches } from "./recent";
import { searchPath, type Extent } from "./request";
import type { SearchSettings } from "./settings";
import type { SearchSite } from "./site";

const docs = (globalData["docusaurus-plugin-content-docs"] ?? {}) as Versions;

export class DocusaurusSite implements SearchSite {
  readonly recent: RecentSearches;
  private readonly client: GatewayClient;

  constructor(private readonly settings: SearchSettings) {
    this.client = new GatewayClient(settings.endpoint, () => this.context());
    this.recent = new RecentSearches(`${settings.site}${siteConfig.baseUrl}`);
  }

  async find(query: string, extent: Extent, abort: AbortController): Promise<SearchAnswer> {
    const body = await this.client.get(searchPath(query, this.context(), extent), abort);
    try {
      return readAnswer(body);
    } catch {
      throw new GatewayError(say("unexpected"), true);
    }
  }

  place(): string {
    const { docs_instance, version, locale, path_prefix } = this.context();
    return [docs_instance, version, locale, path_prefix].join("\n");
  }

  addressOf(uri: string): string {
    const url = new URL(uri);
    const isOurs = url.origin === new URL(siteConfig.url).origin && isPageOfSite(url.pathname);
    return isOurs ? url.pathname + url.search + url.hash : url.href;
  }

  navigate(address: URL): boolean {
    return navigateInSite(address);
  }

  /** The chat comes in a chunk of its own, which may be on its way. */
  ask(question: string): void {
    void customElements.whenDefined("docs-chat-launcher").then(() => window.docsChat?.ask(question));
  }

  resultsPage(query: string): string | undefined {
    const { page } = this.settings.search;
    if (!page) return undefined;
    const path = `${siteConfig.baseUrl}${page}${siteConfig.trailingSlash ? "/" : ""}`;
    const words = query.trim();
    return words ? `${path}?${new URLSearchParams({ q: words }).toString()}` : path;
  }

  badges({ uri, version, locale }: FoundPage): string[] {
    const reader = docsPlaceOfReader();
    return [versionBadge(uri, version, reader, docs), localeBadge(locale, reader)].filter(Boolean);
  }

  versionLabel(version: string): string {
    const known = Object.values(docs).flatMap((instance) => instance?.versions ?? []);
    return known.find((each) => each.name === version)?.label ?? version;
  }

  languageName(locale: string): string {
    return languageName(locale, docsPlaceOfReader().locale);
  }

  private context() {
    return { ...(this.settings.site && { site: this.settings.site }), ...pageContext(this.settings.pathPrefix) };
  }
}
