/** Where the reader is: page, docs version, language and chosen tabs, read from what Docusaurus writes into the page. */

import type { PageContext } from "../panel/protocol";

const TAB_KEY = "docusaurus.tab.";

/** Reads the context of the page that is shown now. */
export function pageContext(pathPrefix: string): PageContext {
  const version = meta("docusaurus_version") ?? meta("docsearch:version");
  const tabs = chosenTabs();
  return {
    page_uri: location.origin + location.pathname,
    page_title: document.querySelector("article h1, main h1")?.textContent?.trim() || document.title,
    ...(version && { version }),
    locale: meta("docusaurus_locale") ?? document.documentElement.lang,
    ...(tabs.length > 0 && { tabs }),
    ...(pathPrefix && { path_prefix: pathPrefix }),
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
