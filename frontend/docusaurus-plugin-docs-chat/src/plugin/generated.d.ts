/** What Docusaurus generates for the site; only the parts that are read here. */

declare module "@generated/globalData" {
  const globalData: Record<string, Record<string, unknown> | undefined>;
  export default globalData;
}

declare module "@generated/docusaurus.config" {
  const config: { baseUrl: string };
  export default config;
}
