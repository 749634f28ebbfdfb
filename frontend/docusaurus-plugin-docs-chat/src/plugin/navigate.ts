/** Following a link inside the site without reloading the page, so that the chat stays open. */

import { matchPath } from "@docusaurus/router";
import routes from "@generated/routes.js";
import { headingId, isRouted, routePath } from "./routes";

/**
 * Moves the site's router to `url`. Returns false when the router has no page there: the browser must load it then.
 *
 * A client module has no access to the router; but the router listens to `popstate`, as for the browser's Back, and
 * reads the address from there. The state must be set: events without one are ignored.
 */
export function navigateInSite(url: URL): boolean {
  if (url.origin !== location.origin || !isPageOfSite(url.pathname)) return false;
  const state = { key: Math.random().toString(36).slice(2, 8) };
  history.pushState(state, "", url.href);
  dispatchEvent(new PopStateEvent("popstate", { state }));
  // On the same page the router does not scroll to a heading that is already in the address.
  const heading = url.hash && document.getElementById(headingId(url.hash));
  if (heading) heading.scrollIntoView();
  return true;
}

/** Whether the router has a page at the path of an address. */
export function isPageOfSite(pathname: string): boolean {
  return isRouted(routePath(pathname), routes, matchPath);
}
