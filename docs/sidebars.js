// @ts-check

/** @type {import('@docusaurus/plugin-content-docs').SidebarsConfig} */
const sidebars = {
  docs: [
    'intro',
    'quick-start',
    {
      type: 'category',
      label: 'Index your site',
      link: {type: 'doc', id: 'index-your-site/index'},
      items: ['index-your-site/site-file', 'index-your-site/what-is-indexed', 'index-your-site/keep-fresh', 'index-your-site/roll-back'],
    },
    {
      type: 'category',
      label: 'Ways to ask',
      items: ['ask/panel', 'ask/install', 'ask/customise', 'ask/options', 'ask/analytics', 'ask/try-it', 'ask/search', 'ask/chatkit', 'ask/http', 'ask/openai', 'ask/mcp', 'ask/grpc', 'ask/terminal'],
    },
    {
      type: 'category',
      label: 'How it works',
      link: {type: 'doc', id: 'how-it-works/index'},
      items: ['how-it-works/question', 'how-it-works/page', 'how-it-works/retrieval', 'how-it-works/citations', 'how-it-works/free-models', 'how-it-works/revisions'],
    },
    'openrouter',
    'configuration',
    {type: 'category', label: 'Deploy', items: ['deploy/compose', 'deploy/publish', 'deploy/proxy', 'deploy/scale-out']},
    {type: 'category', label: 'Operate', items: ['operate/access', 'operate/callers', 'operate/limits', 'operate/health', 'operate/report', 'operate/back-up', 'operate/troubleshooting', 'operate/threat-model']},
    'evaluate',
    'privacy',
    'contributing',
    'faq',
    'glossary',
  ],
};

export default sidebars;
