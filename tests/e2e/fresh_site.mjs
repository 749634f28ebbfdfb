/**
 * A site as create-docusaurus makes it, with the plugin installed from its packed tarball and built by the real
 * Docusaurus. No `browserslist`: without one the Babel builds of Docusaurus aim at ES5.
 *
 *     node tests/e2e/fresh_site.mjs CELL    installs and builds the site of one cell, and prints the folder of its pages
 */

import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TEMPLATE = here("site/");
const PLUGIN = here("../../frontend/docusaurus-plugin-docs-chat/");
const SITES = here("../../.data/e2e-sites/");

/**
 * Bundler, Docusaurus and React. 3.6 is the first version with the faster bundler, 3.7 the first with React 19. Versions
 * before 3.10 do not start with a webpack of today, so theirs is of their own time.
 */
const CELLS = JSON.parse(await readFile(here("cells.json"), "utf8"));

/** The folder with the pages of one cell's site; `buildFreshSite` makes it. */
export function pagesOf(name) {
  return join(SITES, name, "build");
}

/** Builds the site of one cell. Its dependencies are installed only once. */
async function buildFreshSite(name) {
  const cell = CELLS[name];
  if (!cell) throw new Error(`There is no cell "${name}". There are: ${Object.keys(CELLS).join(", ")}`);
  const folder = join(SITES, name);
  await mkdir(folder, { recursive: true });
  await cp(TEMPLATE, folder, { recursive: true });
  await installDependencies(folder, manifest(cell));
  await installPlugin(folder);
  await build(folder, cell.future);
}

/** A cell that `draws` has what sites with diagrams and formulas install. */
function manifest({ docusaurus, react, future, webpack, draws }) {
  return JSON.stringify({
    name: "my-site",
    version: "0.0.0",
    private: true,
    dependencies: {
      "@docusaurus/core": docusaurus,
      "@docusaurus/preset-classic": docusaurus,
      ...(future && { "@docusaurus/faster": docusaurus }),
      ...(draws && { "@docusaurus/theme-mermaid": docusaurus, katex: "^0.16.0" }),
      "@mdx-js/react": "^3.0.0",
      react,
      "react-dom": react,
    },
    ...(webpack && { overrides: { webpack } }),
  });
}

async function installDependencies(folder, wanted) {
  const installed = await readFile(join(folder, "package.json"), "utf8").catch(() => "");
  if (installed === wanted) return;
  await rm(join(folder, "node_modules"), { recursive: true, force: true });
  await writeFile(join(folder, "package.json"), wanted);
  try {
    await npm(folder, "install", "--no-package-lock");
  } catch (error) {
    await rm(join(folder, "package.json"));
    throw error;
  }
}

/** From the tarball, as a reader of npm gets it: a symlink has another path, and bundlers decide by path. */
async function installPlugin(folder) {
  const { stdout } = await npm(PLUGIN, "pack", "--json", "--silent", "--pack-destination", folder);
  const [{ filename }] = JSON.parse(stdout);
  await rm(join(folder, "node_modules", "docusaurus-plugin-docs-chat"), { recursive: true, force: true });
  await npm(folder, "install", "--no-package-lock", "--no-save", join(folder, filename));
}

async function build(folder, future) {
  // A bundler's cache takes an installed package for unchanged as long as its version is.
  await rm(join(folder, "node_modules", ".cache"), { recursive: true, force: true });
  const env = { ...process.env, DOCUSAURUS_NO_PERSISTENT_CACHE: "true" };
  if (future) env.SITE_FUTURE = JSON.stringify(future);
  await run("npx", ["docusaurus", "build"], { cwd: folder, env, maxBuffer: 1e8 });
}

function npm(cwd, ...words) {
  return run("npm", [...words, "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], {
    cwd,
    maxBuffer: 1e8,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildFreshSite(process.argv[2]);
  console.log(pagesOf(process.argv[2]));
}
