/** The header that tells the gateway where the reader is, kept within the limits that the gateway enforces. */

import type { PageContext } from "./protocol";

const MAX_TABS = 20;

/** Base64url of JSON. A page with an odd title or address must not make a question fail, so odd values are cut. */
export function contextHeader(context: PageContext): string {
  const { site, page_uri, page_title, docs_instance, version, locale, tabs, path_prefix } = context;
  return toBase64Url(
    JSON.stringify({
      ...(site && { site }),
      ...(/^https?:/.test(page_uri) && page_uri.length <= 2000 && { page_uri }),
      page_title: line(page_title, 300),
      ...(docs_instance && { docs_instance: line(docs_instance, 100) }),
      ...(version && { version: line(version, 100) }),
      ...(locale && /^[\w-]{1,35}$/.test(locale) && { locale }),
      ...(tabs && { tabs: tabs.slice(0, MAX_TABS).map((tab) => line(tab, 200)) }),
      ...(path_prefix && { path_prefix: line(path_prefix, 500) }),
    }),
  );
}

function line(text: string, limit: number): string {
  return Array.from(text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim())
    .slice(0, limit)
    .join("");
}

/** UTF-8, base64, URL alphabet, no padding: a header may carry only ASCII. */
function toBase64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
