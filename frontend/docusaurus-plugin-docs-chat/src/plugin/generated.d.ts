/** What Docusaurus generates and offers to the code of a site; only the parts that are read here. */

declare module "@generated/globalData.json" {
  const globalData: Record<string, Record<string, unknown> | undefined>;
  export default globalData;
}

declare module "@generated/codeTranslations.json" {
  /** Texts of the current locale by id; those of plugins and the site's own. */
  const codeTranslations: Record<string, string | undefined>;
  export default codeTranslations;
}

declare module "@generated/routes.js" {
  const routes: import("./routes").Route[];
  export default routes;
}

declare module "@docusaurus/router" {
  /** Null when the route does not begin, or with `exact` is not, what `pathname` names. */
  export function matchPath(pathname: string, route: import("./routes").Route): unknown;
}
