// Prints a site's config as JSON, computed by the site's own Docusaurus. Runs the site's code: only on request.
// usage: node load_config.cjs SITE_FOLDER
'use strict';
process.env.NODE_ENV = process.env.BABEL_ENV = 'production';
const path = require('path');

const MARK = '\u0001docs-chat-config\u0001';

// Plugins that matter to us although their function has no telling name.
const PLUGINS = ['@docusaurus/remark-plugin-npm2yarn'];
const packageOf = new Map();

function rememberPlugins(siteDir) {
  for (const name of PLUGINS) {
    try {
      const loaded = require(require.resolve(name, {paths: [siteDir]}));
      for (const exported of [loaded, loaded.default]) if (typeof exported === 'function') packageOf.set(exported, name);
    } catch {
      // The site does not have it.
    }
  }
}

function plain(value, depth = 0) {
  if (typeof value === 'function') return {$function: packageOf.get(value) || value.name || 'anonymous'};
  if (value === undefined || value === null || depth > 12) return null;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value instanceof RegExp || value instanceof Date) return String(value);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)]));
}

async function main() {
  const siteDir = path.resolve(process.argv[2]);
  process.chdir(siteDir);
  const core = path.dirname(require.resolve('@docusaurus/core/package.json', {paths: [siteDir]}));
  const {loadSiteConfig} = require(path.join(core, 'lib/server/config.js'));
  rememberPlugins(siteDir);
  const {siteConfig} = await loadSiteConfig({siteDir});
  const keys = ['title', 'url', 'baseUrl', 'trailingSlash', 'i18n', 'markdown', 'staticDirectories', 'presets', 'plugins', 'themeConfig'];
  const printed = Object.fromEntries(keys.map((key) => [key, plain(siteConfig[key])]));
  process.stdout.write(MARK + JSON.stringify(printed) + MARK, () => process.exit(0));
}

function fail(error) {
  const reasons = [];
  for (let one = error; one && reasons.length < 5; one = one.cause) reasons.push(one.message || String(one));
  process.stderr.write(MARK + reasons.join(': '), () => process.exit(1));
}

process.on('uncaughtException', fail);
main().catch(fail);
