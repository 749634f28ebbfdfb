import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { source } from "./source.mjs";

const { docsPlace } = await source("plugin/docs_place.ts");
const { headingId, isRouted, routePath } = await source("plugin/routes.ts");
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

/** The router's own `matchPath`, from the packages of the project's docs. */
function routersMatchPath() {
  try {
    return createRequire(new URL("../../../docs/package.json", import.meta.url))("react-router").matchPath;
  } catch {
    return undefined;
  }
}

const matchPath = routersMatchPath();

describe(
  "an address of a citation",
  { skip: matchPath ? false : "docs/node_modules is not there: `make docs-site` installs it" },
  () => {
    // As Docusaurus generates them for the site at /guide/ in its default language; /guide/fr/ is a build of its own.
    const docs = (path, ...pages) => ({
      path,
      routes: [{ path, routes: pages.map((page) => ({ path: page, exact: true })) }],
    });
    const site = [
      { path: "/guide/news", exact: true },
      {
        path: "/guide/docs",
        routes: [
          docs("/guide/docs/next", "/guide/docs/next/tickets"),
          docs(
            "/guide/docs",
            "/guide/docs/",
            "/guide/docs/tickets",
            "/guide/docs/on board/bikes & bags",
            "/guide/docs/Ünder/",
          ),
        ],
      },
      { path: "/guide/", exact: true },
      { path: "*" },
    ];
    const atRoot = [docs("/", "/", "/intro"), { path: "*" }];

    for (const [what, address, routes, expected] of [
      ["a page", "/guide/docs/tickets", site, true],
      ["a heading of a page", "/guide/docs/tickets#how", site, true],
      ["a page with a query", "/guide/docs/tickets?os=linux#how", site, true],
      ["a page of another version", "/guide/docs/next/tickets", site, true],
      ["a page with a slash too many", "/guide/docs/tickets/", site, true],
      ["a page with a slash too few", "/guide/docs/%C3%9Cnder", site, true],
      ["a page with raw characters, encoded", "/guide/docs/on%20board/bikes%20&%20bags", site, true],
      ["letters in percent-encoding", "/guide/docs/%C3%9Cnder/", site, true],
      ["the home page", "/guide/", site, true],
      ["the home page without its slash", "/guide", site, true],
      ["another language", "/guide/fr/docs/tickets", site, false],
      ["another language whose default is at the root", "/fr/intro", atRoot, false],
      ["another site on the same host", "/handbook/docs/tickets", site, false],
      ["another site, where this one is at the root", "/handbook/intro", atRoot, false],
      ["the host's own root", "/", site, false],
      ["a path that only begins like the site's", "/guided/docs/tickets", site, false],
      ["a version that is not in this build", "/guide/docs/0.9/tickets", site, false],
      ["a page that is only redirected, by a file of its own", "/guide/docs/old-tickets", site, false],
      ["a folder without a page", "/guide/docs/next", site, false],
      ["a file of the site", "/guide/files/timetable.pdf", site, false],
      ["an encoded slash", "/guide/docs%2Ftickets", site, false],
      ["broken percent-encoding", "/guide/docs/%E0%A4%A", site, false],
    ]) {
      test(`that is ${what} is ${expected ? "followed by the router" : "loaded by the browser"}`, () => {
        const { pathname } = new URL(address, "https://docs.example.com");
        assert.equal(isRouted(routePath(pathname), routes, matchPath), expected);
      });
    }
  },
);

describe("a fragment", () => {
  for (const [fragment, id] of [
    ["#how", "how"],
    ["#caf%C3%A9", "café"],
    ["#a%26b", "a&b"],
    ["#100%", "100%"],
  ]) {
    test(`${fragment} names the heading ${id}`, () => assert.equal(headingId(fragment), id));
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
