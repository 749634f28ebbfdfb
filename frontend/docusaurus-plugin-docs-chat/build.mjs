/**
 * Builds the panel for plain pages (gateway/static/docs-chat.js, committed) and the plugin (lib/, not committed).
 *
 * `node build.mjs --panel-to FILE` writes only the panel, to FILE: the freshness test compares it with the committed one.
 * `node build.mjs --plugin` writes only the plugin: what `npm pack` puts into the package.
 */

import { execFileSync } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = (...path) => join(here, "src", ...path);
const common = {
  absWorkingDir: here,
  bundle: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "inline",
  loader: { ".css": "text" },
  logLevel: "warning",
};

const minifiedCss = {
  name: "minified-css-as-text",
  setup(bundler) {
    bundler.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        minify: true,
        write: false,
        charset: "utf8",
        target: "es2022",
      });
      return { contents: outputFiles[0].text, loader: "text" };
    });
  },
};

async function buildPanel(outfile) {
  await build({
    ...common,
    entryPoints: [source("panel", "index.ts")],
    plugins: [minifiedCss],
    format: "iife",
    minify: true,
    outfile,
  });
}

async function buildPlugin() {
  const lib = join(here, "lib");
  await rm(lib, { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: [source("plugin", "index.ts")],
    platform: "node",
    format: "cjs",
    packages: "external",
    outdir: join(lib, "plugin"),
  });
  // `.mjs`: Docusaurus transpiles each .js file below a path with "docusaurus" in it, and does so loosely.
  await build({
    ...common,
    entryPoints: { client: source("plugin", "client.ts"), search: source("search", "bar.ts") },
    external: ["@generated/*", "@docusaurus/*"],
    plugins: [minifiedCss],
    format: "esm",
    splitting: true,
    outdir: join(lib, "client"),
    outExtension: { ".js": ".mjs" },
  });
  await buildTheme(join(lib, "theme"));
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--project", join(here, "tsconfig.types.json")], { stdio: "inherit" });
}

/**
 * The components that the site's theme shows. `.js`: Docusaurus finds no others. It transpiles them loosely, so they
 * hold next to nothing, and their styles are modules of the site's own build.
 */
async function buildTheme(outdir) {
  const theme = (path) => source("theme", path);
  const searchInTheClient = {
    name: "search-in-the-client",
    setup(bundler) {
      bundler.onResolve({ filter: /\/search\/bar$/ }, () => ({ path: "../../client/search.mjs", external: true }));
    },
  };
  await build({
    ...common,
    entryPoints: [theme("DocsChatSearch/index.ts"), theme("SearchBar/index.tsx"), theme("SearchPage/index.tsx")],
    external: ["react", "react/*", "@docusaurus/*", "@theme/*", "*.module.css"],
    plugins: [searchInTheClient],
    format: "esm",
    jsx: "automatic",
    outbase: source("theme"),
    outdir,
  });
  await cp(source("theme"), outdir, { recursive: true, filter: (path) => !/\.tsx?$/.test(path) });
}

const { values } = parseArgs({ options: { "panel-to": { type: "string" }, plugin: { type: "boolean" } } });
if (!values.plugin) await buildPanel(values["panel-to"] ?? join(here, "..", "..", "gateway", "static", "docs-chat.js"));
if (!values["panel-to"]) await buildPlugin();
