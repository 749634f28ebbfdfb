import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { openDocument, source } from "./source.mjs";

openDocument();
const { readAnswer, EMPTY_ANSWER } = await source("search/answer.ts");
const { searchPath } = await source("search/request.ts");
const { versionBadge, localeBadge } = await source("search/badges.ts");
const { groupsOf, bestRow } = await source("search/rows.ts");
const { Searcher, GatewayError, KeptAnswers } = await source("../test/searching.ts");
const { shownText } = await source("search/shown.ts");
const { RecentSearches } = await source("search/recent.ts");
const { validateOptions, default: plugin, getSwizzleConfig } = createRequire(import.meta.url)("../lib/plugin/index.js");

const SITE = "https://docs.example.com";
const top = { uri: `${SITE}/setup`, heading_path: [], snippet: [{ text: "All of it" }] };
const docker = { uri: `${SITE}/setup#docker`, heading_path: [[{ text: "With " }, { text: "Docker", mark: true }]] };
const answerWith = (sections) =>
  readAnswer({ pages: [{ uri: `${SITE}/setup`, title: [{ text: "Setup" }], sections }] });

describe("an answer", () => {
  test("loses what cannot be shown or opened, and nothing else", () => {
    const odd = [null, 7, { uri: "javascript:alert(1)", title: [], sections: [docker] }, { uri: SITE, sections: [] }];
    const { pages } = readAnswer({ pages: [...odd, { uri: `${SITE}/a`, sections: [docker, { uri: "data:x" }, "x"] }] });
    assert.deepEqual(
      pages.map(({ uri, title, sections }) => [uri, title[0].text, sections.length]),
      [[`${SITE}/a`, "/a", 1]],
    );
  });

  test("that is none is a failure", () => {
    for (const body of [null, [], "", { pages: "none" }]) assert.throws(() => readAnswer(body), SyntaxError);
  });

  test("tells a correction and a wider search", () => {
    const { searchedFor, widening } = readAnswer({
      pages: [],
      searched_for: "docker",
      widening: { versions: ["3.0"], locale: "" },
    });
    assert.equal(searchedFor, "docker");
    assert.deepEqual(widening, { versions: ["3.0"], locale: "" });
  });
});

describe("the request", () => {
  const extent = { limit: 12, perPage: 4 };
  const sent = (query, context) =>
    Object.fromEntries(new URL(searchPath(query, context, extent), SITE).searchParams.entries());

  test("tells the place of the reader, and a blank at the end", () => {
    const context = {
      site: "docs",
      page_uri: `${SITE}/a?b=c`,
      page_title: "A",
      docs_instance: "api",
      version: "1.0",
      locale: "pt-BR",
      path_prefix: "/docs",
      tabs: ["os=linux"],
    };
    assert.deepEqual(sent("what ", context), {
      ...{ q: "what ", limit: "12", per_page: "4", site: "docs", page_uri: `${SITE}/a?b=c`, version: "1.0" },
      ...{ docs_instance: "api", locale: "pt-BR", path_prefix: "/docs" },
    });
  });

  test("keeps to the limits of the gateway, between characters", () => {
    const { q, page_uri, locale } = sent("🚀".repeat(600), { page_uri: "about:blank", page_title: "", locale: "x y" });
    assert.equal(q, "🚀".repeat(500));
    assert.deepEqual([page_uri, locale], [undefined, undefined]);
  });
});

describe("searching while typing", () => {
  /** A gateway that answers when it is told to. */
  function world({ pauseMs = 0 } = {}) {
    const asked = [];
    const states = [];
    const place = { name: "here" };
    const fetchAnswer = (query, abort) =>
      new Promise((resolve, reject) => {
        asked.push({ query, abort, answer: (more) => resolve({ ...EMPTY_ANSWER, query, ...more }), fail: reject });
        abort.signal.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
      });
    const searcher = new Searcher(
      fetchAnswer,
      new KeptAnswers(() => place.name),
      () => states.push(searcher.state),
      pauseMs,
    );
    const asks = async (count) => {
      while (asked.length < count) await new Promise((resolve) => setImmediate(resolve));
    };
    const settled = async () => {
      while (searcher.state.pending) await new Promise((resolve) => setImmediate(resolve));
    };
    return { searcher, asked, states, place, asks, settled };
  }

  test("a newer keystroke ends the older request, whose answer is never shown", async () => {
    const { searcher, asked, asks, states, settled } = world();
    searcher.type("do");
    await asks(1);
    searcher.type("doc");
    assert.equal(asked[0].abort.signal.aborted, true);
    await asks(2);
    asked[0].answer();
    asked[1].answer();
    await settled();
    assert.deepEqual([...new Set(states.map((state) => state.answer?.query))], [undefined, "doc"]);
  });

  test("keystrokes within the pause are one request", async () => {
    const { searcher, asked, asks } = world({ pauseMs: 5 });
    for (const query of ["d", "do", "doc"]) searcher.type(query);
    await asks(1);
    assert.deepEqual(
      asked.map((each) => each.query),
      ["doc"],
    );
  });

  test("the older answer stays while the newer one is awaited", async () => {
    const { searcher, asked, asks, settled } = world();
    searcher.type("do");
    await asks(1);
    asked[0].answer();
    await settled();
    searcher.type("doc");
    assert.equal(searcher.state.pending, true);
    assert.equal(searcher.state.answer.query, "do");
  });

  test("a letter taken back shows what is known, unless the reader went to another version", async () => {
    const { searcher, asked, asks, settled, place } = world();
    for (const [position, query] of ["do", "doc"].entries()) {
      searcher.type(query);
      await asks(position + 1);
      asked[position].answer();
      await settled();
    }
    searcher.type("do");
    assert.deepEqual([searcher.state.pending, searcher.state.answer.query, asked.length], [false, "do", 2]);
    place.name = "version 2";
    searcher.type("doc");
    await asks(3);
  });

  test("a failure is told, and the same words can be tried again", async () => {
    const { searcher, asked, asks, settled } = world();
    searcher.type("do");
    await asks(1);
    asked[0].fail(new GatewayError("Not now.", true));
    await settled();
    assert.equal(searcher.state.failure, "Not now.");
    searcher.retry();
    await asks(2);
    asked[1].answer();
    await settled();
    assert.deepEqual([searcher.state.failure, searcher.state.answer.query], ["", "do"]);
  });

  test("an empty box asks nobody and shows nothing", async () => {
    const { searcher, asked, asks } = world();
    searcher.type("do");
    await asks(1);
    searcher.type("  ");
    assert.deepEqual([searcher.state.answer, searcher.state.pending, asked.length], [undefined, false, 1]);
    assert.equal(asked[0].abort.signal.aborted, true);
  });
});

describe("the rows of an answer", () => {
  const kinds = (answer) => groupsOf(answer)[0].rows.map((row) => row.kind);

  test("begin with the page, and the best section is chosen", () => {
    const groups = groupsOf(answerWith([docker]));
    assert.deepEqual(kinds(answerWith([docker])), ["page", "section"]);
    assert.equal(bestRow(groups).uri, docker.uri);
  });

  test("show the top of a page once, in its place", () => {
    const answer = answerWith([docker, top]);
    assert.deepEqual(kinds(answer), ["page", "section"]);
    assert.equal(groupsOf(answer)[0].rows[0].snippet[0].text, "All of it");
    assert.equal(bestRow(groupsOf(answerWith([top, docker]))).kind, "page");
  });

  test("are none when nothing was found", () => assert.equal(bestRow(groupsOf(EMPTY_ANSWER)), undefined));
});

describe("a badge of the version", () => {
  const at = (path) => SITE + path;
  const instances = {
    default: {
      versions: [
        { name: "current", label: "Next", isLast: false, path: "/docs/next" },
        { name: "2.0", label: "2.0 (stable)", isLast: true, path: "/docs" },
        { name: "1.0", label: "1.0", isLast: false, path: "/docs/1.0" },
      ],
    },
    api: { versions: [{ name: "current", label: "Next", isLast: true, path: "/api" }] },
  };
  for (const [what, uri, version, reader, expected] of [
    ["the released one, for who reads it", "/docs/a", "2.0", ["default", "2.0"], ""],
    ["the released one, for who reads no docs", "/docs/a", "2.0", ["default", ""], ""],
    ["the released one, for who reads an old one", "/docs/a", "2.0", ["default", "1.0"], "2.0 (stable)"],
    ["the reader's own", "/docs/1.0/a", "1.0", ["default", "1.0"], ""],
    ["the next one", "/docs/next/a", "current", ["default", "2.0"], "Next"],
    ["an instance with only one", "/api/a", "current", ["default", "1.0"], ""],
    ["the next one, for who reads the other instance", "/docs/next/a", "current", ["api", "current"], "Next"],
    ["one of another language", "/fr/docs/1.0/a", "1.0", ["default", "2.0"], "1.0"],
    ["one the site no longer has", "/docs/0.9/a", "0.9", ["default", "2.0"], "0.9"],
    ["none", "/blog/a", "", ["default", "2.0"], ""],
  ]) {
    test(`${what}: “${expected}”`, () => {
      const [instance, own] = reader;
      assert.equal(versionBadge(at(uri), version, { instance, version: own, locale: "en" }, instances), expected);
    });
  }

  test("of the language is in the reader's words", () => {
    assert.equal(localeBadge("fr", { locale: "de" }), "Französisch");
    assert.equal(localeBadge("en", { locale: "EN" }), "");
    assert.equal(localeBadge("", { locale: "en" }), "");
  });
});

test("what was found is text, whatever it looks like", () => {
  const shown = shownText([{ text: "<b>", mark: true }, { text: "<img src=x onerror=alert(1)>" }]);
  assert.equal(shown.querySelectorAll("*").length, 1);
  assert.equal(shown.querySelector("mark").textContent, "<b>");
});

describe("recent searches", () => {
  test("are few, newest first, each once, of one site, and can be forgotten", () => {
    const recent = new RecentSearches("one");
    for (let number = 0; number < 12; number += 1) recent.add(`search ${number}`);
    recent.add("  SEARCH   9 ");
    recent.add("");
    recent.add("long".repeat(50));
    assert.equal(recent.list().length, 8);
    assert.deepEqual(recent.list().slice(0, 3), ["SEARCH 9", "search 11", "search 10"]);
    assert.deepEqual(new RecentSearches("two").list(), []);
    recent.remove("search 11");
    assert.deepEqual(recent.list().slice(0, 2), ["SEARCH 9", "search 10"]);
    recent.clear();
    assert.deepEqual([recent.list(), localStorage.length], [[], 0]);
  });

  test("are none where storage is forbidden or holds something else", () => {
    localStorage.setItem("docs-chat.searches:odd", "{");
    assert.deepEqual(new RecentSearches("odd").list(), []);
    localStorage.setItem("docs-chat.searches:odd", '[1,"a"]');
    assert.deepEqual(new RecentSearches("odd").list(), ["a"]);
    const { localStorage: storage } = globalThis;
    delete globalThis.localStorage;
    try {
      const recent = new RecentSearches("one");
      recent.add("a");
      assert.deepEqual(recent.list(), []);
    } finally {
      globalThis.localStorage = storage;
    }
  });
});

describe("the option search", () => {
  const search = (value) => validateOptions({ options: { search: value } }).search;
  const made = (value, id = "default") => {
    const calls = { routes: [], data: undefined };
    const actions = { addRoute: (route) => calls.routes.push(route), setGlobalData: (data) => (calls.data = data) };
    const instance = plugin(
      { siteDir: ".", baseUrl: "/fr/", i18n: { currentLocale: "fr" } },
      { ...validateOptions({ options: { search: value } }), id },
    );
    instance.contentLoaded({ actions });
    return { instance, ...calls };
  };

  test("is off unless wanted: no theme, no page", () => {
    assert.equal(validateOptions({ options: {} }).search, false);
    const { instance, routes } = made(false);
    assert.deepEqual([instance.getThemePath, routes], [undefined, []]);
  });

  test("brings a bar and a page below the base URL", () => {
    assert.deepEqual(search(true), { page: "search", shortcuts: ["mod+k", "/"] });
    const { instance, routes } = made(true);
    assert.match(instance.getThemePath(), /theme_search$/);
    assert.deepEqual(routes, [{ path: "/fr/search", component: "@theme/SearchPage", exact: true }]);
    assert.ok(Object.keys(getSwizzleConfig().components).includes("SearchBar"));
  });

  test("has parts", () => {
    assert.deepEqual(search({ page: false, shortcuts: ["/"] }), { page: false, shortcuts: ["/"] });
    assert.deepEqual(made({ page: false }).routes, []);
    assert.equal(made({ page: "find/all" }).routes[0].path, "/fr/find/all");
  });

  for (const [value, message] of [
    ["yes", /option "search" must be true, false or an object/],
    [null, /option "search" must be/],
    [{ pages: 1 }, /option "search.pages" is not known. Known are: page, shortcuts/],
    [{ page: "/search" }, /option "search.page" must be false or a path such as "search"/],
    [{ page: true }, /option "search.page"/],
    [{ shortcuts: "k" }, /option "search.shortcuts" must be a list of "mod\+k" and single characters/],
    [{ shortcuts: ["ctrl+k"] }, /option "search.shortcuts"/],
  ]) {
    test(`${JSON.stringify(value)} is refused with a reason`, () => assert.throws(() => search(value), message));
  }
});
