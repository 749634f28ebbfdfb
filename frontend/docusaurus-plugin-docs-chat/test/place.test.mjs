import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { source } from "./source.mjs";

const { docsPlace } = await source("plugin/docs_place.ts");
const { isRouted } = await source("plugin/routes.ts");
const { contextHeader } = await source("panel/context_header.ts");

describe("the docs a page belongs to", () => {
  const last = (name) => ({ name, isLast: true });
  const other = (name) => ({ name, isLast: false });
  const instances = {
    default: { versions: [other("current"), last("2.0"), other("1.0-beta")] },
    "api-docs": { versions: [last("current")] },
  };
  for (const [version, tag, expected] of [
    ["2.0", "docs-default-2.0", { docs_instance: "default" }],
    ["current", "docs-default-current", { docs_instance: "default", version: "current" }],
    ["1.0-beta", "docs-default-1.0-beta", { docs_instance: "default", version: "1.0-beta" }],
    ["current", "docs-api-docs-current", { docs_instance: "api-docs" }],
    ["3.0", "docs-gone-3.0", { docs_instance: "gone", version: "3.0" }],
    ["2.0", undefined, {}],
    [undefined, "default", {}],
  ]) {
    test(`${tag}, version ${version}`, () => assert.deepEqual(docsPlace(version, tag, instances), expected));
  }
});

describe("a path", () => {
  const routes = [
    { path: "/manual/docs", routes: [{ path: "/manual/docs", routes: [{ path: "/manual/docs/intro", exact: true }] }] },
    { path: "/manual/", exact: true },
    { path: "*" },
  ];
  const matches = (pathname, { path, exact }) =>
    path === "*" || pathname === path || (!exact && pathname.startsWith(`${path}/`));
  for (const [path, expected] of [
    ["/manual/docs/intro", true],
    ["/manual/", true],
    ["/manual/docs/gone", false],
    ["/manual/fr/docs/intro", false],
    ["/other/docs/intro", false],
  ]) {
    test(`${path} is ${expected ? "" : "not "}shown by this site's router`, () =>
      assert.equal(isRouted(path, routes, matches), expected));
  }
});

describe("the context header", () => {
  const sent = (context) => JSON.parse(Buffer.from(contextHeader(context), "base64url").toString());

  test("carries everything a page tells", () => {
    const context = {
      site: "my-site",
      page_uri: "https://docs.example.com/docs/été",
      page_title: "L’été 🚀",
      docs_instance: "api",
      version: "2.0",
      locale: "fr",
      tabs: ["os=linux"],
      path_prefix: "/docs",
    };
    assert.deepEqual(sent(context), context);
  });

  test("cuts what is too long between characters and drops what the gateway would refuse", () => {
    const context = { page_uri: "about:blank", page_title: `a\n${"🚀".repeat(400)}`, locale: "not a locale" };
    assert.deepEqual(sent(context), { page_title: `a ${"🚀".repeat(298)}` });
  });
});
