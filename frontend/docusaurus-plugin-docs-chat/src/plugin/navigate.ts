/** Following a link inside the site without loading the page anew, so that the chat stays open. */

/**
 * Moves the site's router to `url`. Returns false when `url` is not part of the site under `baseUrl`.
 *
 * A client module has no access to the router; but the router listens to `popstate`, as for the browser's Back, and
 * reads the address from there. The state must be set: events without one are ignored.
 */
export function navigateInSite(url: URL, baseUrl: string): boolean {
  if (url.origin !== location.origin || !url.pathname.startsWith(baseUrl)) return false;
  if (/\.(?!html?$)[a-z0-9]{2,5}$/i.test(url.pathname)) return false;
  const state = { key: Math.random().toString(36).slice(2, 8) };
  history.pushState(state, "", url.href);
  dispatchEvent(new PopStateEvent("popstate", { state }));
  // On the same page the router does not scroll to a heading that is already in the address.
  const heading = url.hash && document.getElementById(decodeURIComponent(url.hash.slice(1)));
  if (heading) heading.scrollIntoView();
  return true;
}
