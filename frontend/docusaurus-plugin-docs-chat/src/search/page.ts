/** What the page of results needs, apart from its look. Also imported where no browser is. */

import { load } from "./bar";
import type { ResultsPage } from "./results_page";
import { searchSettings } from "./settings";

export { say } from "../panel/texts";

/** Makes the content of the page. Rejects when it cannot be loaded. */
export async function makeResultsPage(): Promise<ResultsPage | undefined> {
  const settings = searchSettings();
  return settings && (await load()).makeResultsPage(settings);
}
