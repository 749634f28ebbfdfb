// The search that a Docusaurus site can have today, @easyops-cn/docusaurus-search-local, with its own code: its server
// part builds the index from HTML pages, its browser part answers the queries. Used by benchmarks.quality_peers.
//
// node benchmarks/site_search.mjs MODULES < {"pages": [{"url", "file"}], "queries": [...], "limit": 10} > [[address, ...], ...]
// MODULES is the folder whose node_modules has the package.
import {createRequire, register} from 'node:module';
import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import path from 'node:path';

const PACKAGE = '@easyops-cn/docusaurus-search-local';
const folder = path.resolve(process.argv[2]);
const require = createRequire(path.join(folder, 'index.js'));
const dist = path.join(path.dirname(require.resolve(`${PACKAGE}/package.json`)), 'dist');

// The browser part is written for a bundler: imports without extensions, constants that the site's build generates (here the
// package's defaults), and a web worker around it.
const constants = `import lunr from ${JSON.stringify(pathToFileURL(require.resolve('lunr')).href)};
export const removeDefaultStopWordFilter = []; export const language = ["en"];
export const searchIndexUrl = "search-index.json"; export const fuzzyMatchingDistance = 1;`;
const inline = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
const hooks = `
const replaced = new Map(${JSON.stringify([
  ['comlink', inline('export const expose = () => {};')],
  ['../utils/proxiedGeneratedConstants', inline(constants)],
  ['./proxiedGeneratedConstants', inline(constants)],
])});
export async function resolve(specifier, context, next) {
  if (replaced.has(specifier)) return {url: replaced.get(specifier), format: 'module', shortCircuit: true};
  const relative = specifier.startsWith('.') && context.parentURL?.includes('/dist/client/');
  return next(relative && !specifier.endsWith('.js') ? specifier + '.js' : specifier, context);
}
export async function load(url, context, next) {
  return next(url, url.includes('/dist/client/') ? {...context, format: 'module'} : context);
}`;
register(inline(hooks));

const {pages, queries, limit} = JSON.parse(readFileSync(0, 'utf-8'));
const {scanDocuments} = require(path.join(dist, 'server/server/utils/scanDocuments.js'));
const {buildIndex} = require(path.join(dist, 'server/server/utils/buildIndex.js'));
const documents = await scanDocuments(
  pages.map(({url, file}) => ({url, filePath: file, type: 'docs'})),
  {ignoreCssSelectors: [], forceIgnoreNoIndex: false},
);
const options = {language: ['en'], removeDefaultStopWordFilter: [], removeDefaultStemmer: false};
const index = JSON.stringify(buildIndex(documents, options));
globalThis.location = {origin: 'http://localhost'};
globalThis.fetch = async () => ({json: async () => JSON.parse(index)});
const {SearchWorker} = await import(pathToFileURL(path.join(dist, 'client/client/theme/worker.js')).href);
const worker = new SearchWorker();
const answers = [];
for (const query of queries) {
  const results = await worker.search('/', '', query, limit);
  answers.push(results.map(({document}) => document.u + (document.h ?? '')));
}
process.stdout.write(JSON.stringify(answers));
