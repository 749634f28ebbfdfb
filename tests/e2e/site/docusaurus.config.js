// As create-docusaurus makes it, with versions, a second docs instance and the plugin.
// Which bundler builds it is the test's choice: SITE_FUTURE holds the settings that turn the faster one on.
const future = process.env.SITE_FUTURE && JSON.parse(process.env.SITE_FUTURE);

export default {
  title: "My Site",
  url: "https://my-site.example",
  baseUrl: "/",
  onBrokenLinks: "throw",
  i18n: { defaultLocale: "en", locales: ["en"] },
  ...(future && { future }),
  presets: [
    ["classic", { blog: false, theme: { customCss: "./src/css/custom.css" } }],
  ],
  plugins: [
    [
      "@docusaurus/plugin-content-docs",
      { id: "community", path: "community", routeBasePath: "community" },
    ],
    [
      "docusaurus-plugin-docs-chat",
      {
        endpoint: "http://127.0.0.1:8000",
        search: true,
        hideOn: ["/"],
        askAboutPage: true,
        copyPage: true,
        prompts: [
          { prompts: ["What is this?"] },
          { version: "1.0", prompts: ["What was this?"] },
          { path: "/docs/guide", prompts: ["What does the guide say?"] },
        ],
      },
    ],
  ],
  themeConfig: {
    navbar: {
      title: "My Site",
      items: [
        { to: "/community/contributing", label: "Community" },
        { type: "custom-docsChatAsk", label: "Get help", position: "right" },
      ],
    },
  },
};
