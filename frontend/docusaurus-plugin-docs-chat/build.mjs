/**
 * Builds the panel for plain pages (gateway/static/docs-chat.js with its locales, committed) and the plugin (lib/, not committed).
 *
 * `node build.mjs --panel-to FILE` writes only the panel, to FILE, and its languages beside it: the freshness test
 * compares them with the committed ones.
 * `node build.mjs --plugin` writes only the plugin: what `npm pack` puts into the package.
 */

import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { minifiedCss } from "./build_css.mjs";

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

async function buildPanel(outfile) {
  const locales = join(here, "locales");
  const names = (await readdir(locales)).map((file) => file.replace(/\.json$/, "")).sort();
  await rm(join(dirname(outfile), "locales"), { recursive: true, force: true });
  await cp(locales, join(dirname(outfile), "locales"), { recursive: true });
  await build({
    ...common,
    entryPoints: [source("panel", "index.ts")],
    plugins: [minifiedCss],
    format: "iife",
    minify: true,
    define: { LOCALES: JSON.stringify(names) },
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
    entryPoints: {
      client: source("plugin", "client.ts"),
      search: source("search", "bar.ts"),
      search_page: source("search", "page.ts"),
    },
    external: ["@generated/*", "@docusaurus/*", "@docs-chat/*"],
    plugins: [minifiedCss],
    format: "esm",
    splitting: true,
    outdir: join(lib, "client"),
    outExtension: { ".js": ".mjs" },
  });
  // A site gets the components that it uses and no others: each takes the place of one of its theme.
  const search = ["DocsChatSearch/index.ts", "DocsChatSearch/page.ts", "SearchBar/index.tsx", "SearchPage/index.tsx"];
  const navbar = ["DocsChatNavbarItem/index.tsx", "NavbarItem/ComponentTypes.tsx"];
  await buildTheme(join(lib, "theme_search"), search);
  await buildTheme(join(lib, "theme_navbar"), navbar);
  await buildTheme(join(lib, "theme_search_navbar"), [...search, ...navbar]);
  await writeTranslatable(join(lib, "translatable"));
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--project", join(here, "tsconfig.types.json")], { stdio: "inherit" });
}

/**
 * The components that the site's theme shows. `.js`: Docusaurus finds no others. It transpiles them loosely, so they
 * hold next to nothing, and their styles are modules of the site's own build.
 */
async function buildTheme(outdir, components) {
  const searchInTheClient = {
    name: "search-in-the-client",
    setup(bundler) {
      const built = { bar: "search", page: "search_page" };
      bundler.onResolve({ filter: /\/search\/(bar|page)$/ }, ({ path }) => ({
        path: `../../client/${built[path.split("/").pop()]}.mjs`,
        external: true,
      }));
    },
  };
  await build({
    ...common,
    entryPoints: components.map((path) => source("theme", path)),
    external: ["react", "react/*", "@docusaurus/*", "@theme/*", "@theme-init/*", "*.module.css"],
    plugins: [searchInTheClient],
    format: "esm",
    jsx: "automatic",
    outbase: source("theme"),
    outdir,
  });
  for (const folder of new Set(components.map(dirname)))
    await cp(source("theme", folder), join(outdir, folder), {
      recursive: true,
      filter: (path) => !/\.tsx?$/.test(path),
    });
}

/** The texts as `docusaurus write-translations` reads them: calls of `translate` in a module that nobody imports. */
async function writeTranslatable(folder) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [source("panel", "texts.ts")],
    format: "esm",
    write: false,
  });
  const { ENGLISH } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
  const calls = Object.entries(ENGLISH).map(
    ([id, message]) => `  ${id}: translate(${JSON.stringify({ id: `docs-chat.${id}`, message })}),\n`,
  );
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "texts.js"),
    `import { translate } from "@docusaurus/Translate";\nexport default {\n${calls.join("")}};\n`,
  );
}

const { values } = parseArgs({ options: { "panel-to": { type: "string" }, plugin: { type: "boolean" } } });
if (!values.plugin) await buildPanel(values["panel-to"] ?? join(here, "..", "..", "gateway", "static", "docs-chat.js"));
if (!values["panel-to"]) await buildPlugin();
