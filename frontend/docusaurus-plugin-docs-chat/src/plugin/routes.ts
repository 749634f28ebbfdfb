/** Which addresses the router of this site can show; another locale or another build on the same host is none of them. */

/** A route as Docusaurus generates it. The last one has the path `*` and shows "Page Not Found". */
export interface Route {
  path: string;
  exact?: boolean;
  routes?: Route[];
}

/** Tells whether a path is one of a route's own; `matchPath` of the site's router. */
export type Matches = (pathname: string, route: Route) => unknown;

/** True when `pathname` leads to a page: a matching route without routes below it, found from the first match on. */
export function isRouted(pathname: string, routes: Route[], matches: Matches): boolean {
  const route = routes.find((candidate) => matches(pathname, candidate));
  if (!route || route.path === "*") return false;
  return route.routes ? isRouted(pathname, route.routes, matches) : true;
}

/** Path of an address as routes are written: Docusaurus generates them with raw characters, addresses encode these. */
export function routePath(pathname: string): string {
  return decoded(pathname, decodeURI);
}

/** Id of the heading that a fragment (`#…`) names. */
export function headingId(fragment: string): string {
  return decoded(fragment.slice(1), decodeURIComponent);
}

/** What cannot be decoded stays as it is: nothing is found there, and the browser is left to load the address. */
function decoded(text: string, decode: (text: string) => string): string {
  try {
    return decode(text);
  } catch {
    return text;
  }
}
