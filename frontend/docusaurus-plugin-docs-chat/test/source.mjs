/** Modules of `src/` as the tests import them: bundled from TypeScript, with a document where they need one. */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { JSDOM } from "jsdom";

/** Imports `src/{path}`; the bundle is never written. */
export async function source(path) {
  const entry = fileURLToPath(new URL(`../src/${path}`, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    charset: "utf8",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

/** Puts an empty page at `address` around the modules that are imported from now on. */
export function openDocument(address = "https://docs.example.com/docs/intro") {
  const { window } = new JSDOM("<!doctype html>", { url: address });
  const { document, location, history, localStorage, Element, NodeFilter } = window;
  Object.assign(globalThis, { window, document, location, history, Element, NodeFilter });
  Object.defineProperty(globalThis, "localStorage", { value: localStorage, configurable: true, writable: true });
  return window;
}
