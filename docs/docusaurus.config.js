// @ts-check
// Plain literals only: docs-chat reads this file without running it.

/** @type {import('@docusaurus/types').Config} */
const config = {
  title: 'docs-chat',
  tagline: 'Answers from the docs, with links that land on the exact heading',
  favicon: 'img/icon.svg',
  url: 'https://docs-chat.example',
  baseUrl: '/',
  trailingSlash: false,
  onBrokenLinks: 'throw',
  onBrokenAnchors: 'throw',
  onDuplicateRoutes: 'throw',
  markdown: {hooks: {onBrokenMarkdownLinks: 'throw', onBrokenMarkdownImages: 'throw'}},
  i18n: {defaultLocale: 'en', locales: ['en']},
  presets: [
    [
      'classic',
      {
        docs: {routeBasePath: 'docs', sidebarPath: './sidebars.js'},
        blog: false,
        theme: {customCss: './src/css/custom.css'},
      },
    ],
  ],
  plugins: [
    [
      'docusaurus-plugin-docs-chat',
      {
        endpoint: 'http://127.0.0.1:8000',
        search: true,
        greeting: 'What would you like to know about docs-chat?',
        prompts: ['How do I index my own site?', 'What happens when the free quota is used up?', 'How do I add the chat to my site?'],
      },
    ],
  ],
  themeConfig: {
    colorMode: {respectPrefersColorScheme: true},
    navbar: {
      title: 'docs-chat',
      logo: {alt: '', src: 'img/icon.svg', href: '/docs'},
      items: [
        {to: '/docs/quick-start', label: 'Quick start', position: 'left'},
        {to: '/docs/index-your-site', label: 'Index your site', position: 'left'},
        {to: '/docs/configuration', label: 'Configuration', position: 'left'},
        {to: '/docs/how-it-works', label: 'How it works', position: 'left'},
      ],
    },
    footer: {style: 'light', copyright: 'docs-chat. Apache License 2.0.'},
  },
};

export default config;
