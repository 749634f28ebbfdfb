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
