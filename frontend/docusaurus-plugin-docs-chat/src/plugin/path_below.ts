/** Where a page lies in its site. */

/**
 * The path below the base URL of the site (which holds the locale), without a slash at its end: `/fr/docs/intro/` below
 * `/fr/` is `/docs/intro`.
 */
export function pathBelow(baseUrl: string, pathname: string): string {
  const path = `${pathname}/`;
  const below = path.startsWith(baseUrl) ? path.slice(baseUrl.length - 1) : path;
  return below.replace(/(.)\/+$/, "$1");
}
