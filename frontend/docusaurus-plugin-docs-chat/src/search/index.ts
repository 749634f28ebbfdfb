/** Loaded when a reader first wants to search: the dialog over the page, and what fills the page of results. */

import { SearchDialog } from "./dialog";
import { DocusaurusSite } from "./docusaurus_site";
import { ResultsPage } from "./results_page";
import type { SearchSettings } from "./settings";

let site: DocusaurusSite | undefined;
let dialog: SearchDialog | undefined;

/** Opens the dialog, which closes with the focus back on `opener`. */
export function openDialog(settings: SearchSettings, opener: HTMLElement | undefined, query: string): void {
  dialog ??= makeDialog(settings);
  dialog.open(opener, query);
}

/** Makes the content of the page of results. */
export function makeResultsPage(settings: SearchSettings): ResultsPage {
  if (!customElements.get("docs-chat-search-page")) customElements.define("docs-chat-search-page", ResultsPage);
  const page = document.createElement("docs-chat-search-page");
  page.prepare(siteOf(settings));
  return page;
}

function makeDialog(settings: SearchSettings): SearchDialog {
  if (!customElements.get("docs-chat-search")) customElements.define("docs-chat-search", SearchDialog);
  const made = document.createElement("docs-chat-search");
  made.prepare(siteOf(settings));
  document.body.append(made);
  return made;
}

function siteOf(settings: SearchSettings): DocusaurusSite {
  return (site ??= new DocusaurusSite(settings));
}
