/** What Docusaurus generates and offers to the code of a site; only the parts that are read here. */

declare module "@generated/globalData.json" {
  const globalData: Record<string, Record<string, unknown> | undefined>;
  export default globalData;
}

declare module "@generated/docusaurus.config.mjs" {
  /** `baseUrl` is that of this build: with the locale where it is not the first one. */
  const siteConfig: { url: string; baseUrl: string; trailingSlash?: boolean };
  export default siteConfig;
}

declare module "@generated/routes.js" {
  const routes: import("./routes").Route[];
  export default routes;
}

declare module "@docusaurus/router" {
  /** Null when the route does not begin, or with `exact` is not, what `pathname` names. */
  export function matchPath(pathname: string, route: import("./routes").Route): unknown;
  export function useLocation(): { pathname: string; search: string };
  export function useHistory(): { replace(location: { pathname: string; search: string }): void };
}
