import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openDocument, source } from "./source.mjs";

const window = openDocument();
const { fitsPaths } = await source("panel/paths.ts");
const { pathBelow } = await source("plugin/path_below.ts");
const { questionsFor } = await source("plugin/starting_questions.ts");
const { ariaShortcut, isShortcut, parseShortcut, shortcutName } = await source("panel/shortcut.ts");
const { takeLinkedQuestion } = await source("panel/ask_links.ts");

describe("a list of paths", () => {
  for (const [path, patterns, expected] of [
    ["/", ["/"], true],
    ["/docs", ["/"], false],
    ["/docs/intro/", ["/docs/intro"], true],
    ["/docs/intro", ["/docs/*"], true],
    ["/docs/a/b", ["/docs/*"], false],
    ["/docs/a/b", ["/docs/**"], true],
    ["/docs", ["/docs/**"], true],
    ["/docs-old", ["/docs/**"], false],
    ["/a.b", ["/a+b"], false],
    ["/blog/2024", ["/blog/**", "!/blog/2024"], false],
    ["/community/x", ["!/community/**"], false],
    ["/docs/x", ["!/community/**"], true],
    ["/docs", [], false],
    ["/docs/", ["/docs/*"], false],
    ["/docs/old/", ["/docs/**", "!/docs/old", "!/docs/new"], false],
    ["/docs/older", ["/docs/**", "!/docs/old", "!/docs/new"], true],
    ["/docs-a", ["/blog", "/docs"], false],
    ["/docs/Überblick", ["/docs/Ü*"], true],
  ]) {
    test(`${JSON.stringify(patterns)} ${expected ? "means" : "does not mean"} ${path}`, () =>
      assert.equal(fitsPaths(path, patterns), expected));
  }

  test("is held against the path below the base URL", () => {
    assert.equal(pathBelow("/", "/docs"), "/docs");
    assert.equal(pathBelow("/site/fr/", "/site/fr/docs"), "/docs");
    assert.equal(pathBelow("/site/", "/site"), "/");
    assert.equal(pathBelow("/site/", "/sitemap"), "/sitemap");
    assert.equal(pathBelow("/", "/"), "/");
    assert.equal(pathBelow("/fr/", "/fr/docs/intro/"), "/docs/intro");
  });
});

describe("starting questions", () => {
  const groups = [
    { prompts: ["all"] },
    { prompts: ["french"], locale: "fr" },
    { prompts: ["old"], version: ["1.0", "1.1"] },
    { prompts: ["api"], path: "/docs/api/**" },
  ];
  for (const [place, expected] of [
    [{ path: "/docs" }, "all"],
    [{ path: "/docs", locale: "fr" }, "french"],
    [{ path: "/docs", locale: "fr", version: "1.1" }, "old"],
    [{ path: "/docs/api/x", version: "1.0" }, "api"],
  ]) {
    test(`of ${JSON.stringify(place)} are “${expected}”`, () =>
      assert.deepEqual(questionsFor(groups, place), [expected]));
  }

  test("are none where no group fits", () => assert.deepEqual(questionsFor(groups.slice(1), { path: "/" }), []));
});

describe("a shortcut", () => {
  const press = (key, held = {}) => ({ key, code: "", composedPath: () => [], isComposing: false, ...held });
  const pressed = (words, key, held) =>
    isShortcut(
      { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...press(key, held) },
      parseShortcut(words),
    );

  for (const [words, key, held, expected] of [
    ["mod+i", "i", { ctrlKey: true }, true],
    ["mod+i", "I", { metaKey: true }, true],
    ["mod+i", "i", {}, false],
    ["mod+i", "I", { ctrlKey: true, shiftKey: true }, false],
    ["mod+shift+k", "K", { ctrlKey: true, shiftKey: true }, true],
    ["alt+a", "å", { altKey: true, code: "KeyA" }, true],
    ["?", "?", { shiftKey: true }, true],
    ["a", "A", { shiftKey: true }, false],
    ["mod++", "+", { ctrlKey: true }, true],
    ["ctrl+i", "i", { metaKey: true }, false],
  ]) {
    test(`${words} ${expected ? "is" : "is not"} ${JSON.stringify(held)} ${key}`, () =>
      assert.equal(pressed(words, key, held), expected));
  }

  test("without Ctrl or Alt is typed as usual where text is written", () => {
    const input = document.createElement("textarea");
    assert.equal(pressed("?", "?", { composedPath: () => [input] }), false);
    assert.equal(pressed("mod+i", "i", { ctrlKey: true, composedPath: () => [input] }), true);
  });

  test("is written as the reader's system does", () => {
    assert.equal(shortcutName(parseShortcut("mod+shift+k"), false), "Ctrl+Shift+K");
    assert.equal(shortcutName(parseShortcut("mod+shift+k"), true), "⇧⌘K");
    assert.equal(shortcutName(parseShortcut("alt+f2"), false), "Alt+F2");
    assert.equal(shortcutName(parseShortcut("ctrl+alt+?"), true), "⌃⌥?");
  });

  for (const [words, expected] of [
    ["mod+shift+k", "Control+Shift+K Meta+Shift+K"],
    ["ctrl+i", "Control+I"],
    ["alt+a", "Alt+A"],
    ["?", "?"],
  ]) {
    test(`${words} is told to screen readers as ${expected}`, () =>
      assert.equal(ariaShortcut(parseShortcut(words)), expected));
  }

  for (const words of ["", "mod+", "mod+ab", "hyper+a", "mod+i+i", " ", "mod+ ", "+a", "mod", "shift+mod+"]) {
    test(`“${words}” is none`, () => assert.equal(parseShortcut(words), null));
  }
});

describe("a question in the address", () => {
  for (const [address, question, rest] of [
    ["/docs/intro?ask=How+do%0AI%20begin%3F&tab=a#top", "How do I begin?", "/docs/intro?tab=a#top"],
    ["/docs/intro?ask=", "", "/docs/intro"],
    ["/docs/intro?asked=x", "", "/docs/intro?asked=x"],
    [`/docs/intro?ask=${"x".repeat(2000)}`, "x".repeat(500), "/docs/intro"],
    ["/docs/intro?ask=%3Cimg%20onerror%3D1%3E", "<img onerror=1>", "/docs/intro"],
  ]) {
    test(`${address.slice(0, 60)} is taken once`, () => {
      window.history.replaceState({ key: "router" }, "", address);
      assert.equal(takeLinkedQuestion(), question);
      assert.equal(location.pathname + location.search + location.hash, rest);
      assert.deepEqual(window.history.state, { key: "router" });
      assert.equal(takeLinkedQuestion(), "");
    });
  }
});

const { answerAsMarkdown } = await source("panel/answer_text.ts");

describe("an answer to take along", () => {
  const sources = [{ number: 1, title: "A [b]", heading: "C", href: "https://x.example/a(b)", quote: "" }];
  const copied = (text, index) => answerAsMarkdown(text, [{ index, number: 1 }], sources).split("\n\n---\n\n")[0];
  const link = "[[1]](https://x.example/a%28b%29)";

  for (const [what, text, index, expected] of [
    ["in a sentence", "One. Two.", 4, `One. ${link} Two.`],
    ["behind code, not in it", "Run `make x` now.", 8, `Run \`make x\` ${link} now.`],
    ["behind a block of code", "A:\n\n```js\nlet a;\n```\n\nB.", 12, `A:\n\n\`\`\`js\nlet a;\n\`\`\`\n\n${link}\n\nB.`],
    ["at the end of what is too short", "One.", 99, `One. ${link}`],
  ]) {
    test(`has its citation ${what}`, () => assert.equal(copied(text, index), expected));
  }

  test("names its sources", () => {
    assert.ok(answerAsMarkdown("x", [], sources).endsWith("1. [A \\[b\\] › C](https://x.example/a%28b%29)"));
    assert.equal(answerAsMarkdown(" x ", [], []), "x");
  });
});
