/** The question to the gateway: what was typed, and from where. All of it is in the address of a plain GET. */

import type { PageContext } from "../panel/protocol";

/** How many sections are wanted, in all and of one page. */
export interface Extent {
  limit: number;
  perPage: number;
}

/** The gateway refuses longer ones. */
const MAX_QUERY = 500;
const MAX_ADDRESS = 2000;

/** Path and parameters of the request. A blank at the end stays: it says that the last word is complete. */
export function searchPath(query: string, context: PageContext, { limit, perPage }: Extent): string {
  const { site, page_uri, docs_instance, version, locale, path_prefix } = context;
  const parameters = new URLSearchParams({
    q: Array.from(query).slice(0, MAX_QUERY).join(""),
    limit: String(limit),
    per_page: String(perPage),
    ...(site && { site }),
    ...(/^https?:/.test(page_uri) && page_uri.length <= MAX_ADDRESS && { page_uri }),
    ...(version && { version }),
    ...(docs_instance && { docs_instance }),
    ...(locale && /^[\w-]{1,35}$/.test(locale) && { locale }),
    ...(path_prefix && { path_prefix }),
  });
  return `/v1/search/sections?${parameters.toString()}`;
}
