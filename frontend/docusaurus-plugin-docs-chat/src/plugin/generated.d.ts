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
  export function useLocation(): { pathname: string; search: string };
  export function useHistory(): {
    /** How the current address was reached. */
    action: "PUSH" | "POP" | "REPLACE";
    replace(location: { pathname: string; search: string }): void;
  };
}

/** Tools of the site under the names that `site_tools.ts` gives them. */
declare module "@docs-chat/highlight" {
  export type Content = string | Token | Content[];
  export interface Token {
    type: string;
    content: Content;
    alias?: string | string[];
  }
  export const Prism: {
    languages: Record<string, object | undefined>;
    tokenize(code: string, grammar: object): Content[];
  };
}

declare module "@docs-chat/formula" {
  const katex: {
    renderToString(tex: string, options: Record<string, unknown>): string;
  };
  export default katex;
}

declare module "@docs-chat/diagram" {
  const mermaid: {
    initialize(config: Record<string, unknown>): void;
    render(id: string, source: string): Promise<{ svg: string }>;
  };
  export default mermaid;
}
