/** Where the reader is: page, docs, version, language and chosen tabs, read from what Docusaurus writes into the page. */

import globalData from "@generated/globalData.json";
import type { PageContext } from "../panel/protocol";
import { docsPlace, type DocsInstances } from "./docs_place";

const TAB_KEY = "docusaurus.tab.";
const docs = (globalData["docusaurus-plugin-content-docs"] ?? {}) as DocsInstances;

/** Reads the context of the page that is shown now. */
export function pageContext(pathPrefix: string): PageContext {
  const tabs = chosenTabs();
  return {
    page_uri: location.origin + location.pathname,
    page_title: document.querySelector("article h1, main h1")?.textContent.trim() || document.title,
    ...docsPlace(meta("docusaurus_version"), meta("docusaurus_tag"), docs),
    locale: meta("docusaurus_locale") ?? document.documentElement.lang,
    ...(tabs.length > 0 && { tabs }),
    ...(pathPrefix && { path_prefix: pathPrefix }),
  };
}

/** Docs version and locale of the page that is shown now. */
export function docsVersion(): { version: string | undefined; locale: string | undefined } {
  return { version: meta("docusaurus_version"), locale: meta("docusaurus_locale") ?? document.documentElement.lang };
}

/** Questions that the page itself names, in `<meta name="docs-chat-prompt" content="…">`. */
export function questionsOfPage(): string[] {
  const metas = document.querySelectorAll<HTMLMetaElement>('meta[name="docs-chat-prompt"]');
  return Array.from(metas, (meta) => meta.content.trim()).filter(Boolean);
}

/** Instance, version and locale of the page that is shown now; the version is told also where it is the released one. */
export function docsPlaceOfReader(): { instance: string; version: string; locale: string } {
  const version = meta("docusaurus_version");
  const { docs_instance } = docsPlace(version, meta("docusaurus_tag"), {});
  return {
    instance: docs_instance ?? "default",
    version: version ?? "",
    locale: meta("docusaurus_locale") ?? document.documentElement.lang,
  };
}

/** Docusaurus writes `docusaurus_version`, for example `current` or `2.1`, on pages of the docs plugin only. */
function meta(name: string): string | undefined {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content || undefined;
}

function chosenTabs(): string[] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(TAB_KEY))
      .map((key) => `${key.slice(TAB_KEY.length)}=${localStorage.getItem(key)}`);
  } catch {
    return [];
  }
}
