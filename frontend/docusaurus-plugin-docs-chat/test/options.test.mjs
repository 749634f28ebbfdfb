import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";

const { validateOptions } = createRequire(import.meta.url)("../lib/plugin/index.js");

describe("options", () => {
  test("are complete without any", () => {
    const options = validateOptions({ options: undefined });
    assert.equal(options.endpoint, "");
    assert.equal(options.mode, "drawer");
    assert.equal(options.chatkit, null);
  });

  test("lose the slash at the end of the endpoint", () => {
    assert.equal(
      validateOptions({ options: { endpoint: "https://ask.example.com/" } }).endpoint,
      "https://ask.example.com",
    );
  });

  test("take a list of questions as those of the whole site, and undefined as left out", () => {
    const options = validateOptions({ options: { prompts: ["How?"], heading: undefined } });
    assert.deepEqual(options.prompts, [{ prompts: ["How?"] }]);
    assert.equal(options.heading, "");
  });

  for (const [options, message] of [
    [{ endpont: "x" }, /option "endpont" is not known. Known are: id, endpoint/],
    [
      { endpoint: "ask.example.com" },
      /option "endpoint" must be an http\(s\) address or a path like "\/ask", not "ask.example.com"/,
    ],
    [{ endpoint: "https://ask.example.com/chatkit" }, /must not end in \/chatkit/],
    [{ prompts: "one" }, /option "prompts" must be a list of strings/],
    [{ prompts: ["one", { prompts: ["two"] }] }, /option "prompts\[0\]" must be \{prompts, path, version, locale\}/],
    [{ prompts: [{ paths: "/a", prompts: [] }] }, /option "prompts\[0\].paths" is not known/],
    [{ prompts: [{ prompts: [], version: 2 }] }, /option "prompts\[0\].version" must be a string or a list/],
    [{ prompts: [{ prompts: [], path: "docs" }] }, /option "prompts\[0\].path" must hold paths that start with "\/"/],
    [{ hideOn: "/" }, /option "hideOn" must be a list of paths/],
    [{ hideOn: ["docs/**"] }, /option "hideOn" must hold paths that start with "\/" .* not "docs\/\*\*"/],
    [{ shortcut: "ctrl+shift" }, /option "shortcut" must be a key like "mod\+i"/],
    [{ shortcut: true }, /option "shortcut" must be a key/],
    [{ askLinks: "send" }, /option "askLinks" must be "fill" or "ask" or false/],
    [{ launcher: "no" }, /option "launcher" must be true or false/],
    [{ site: 7 }, /option "site" must be a string/],
    [{ mode: "inline" }, /option "mode" must be "drawer" or "modal"/],
    [{ pathPrefix: "docs" }, /option "pathPrefix" must start with "\/"/],
    [{ chatkit: {} }, /option "chatkit.domainKey" must be a non-empty string/],
    [{ chatkit: { domainKey: "k", theme: 1 } }, /option "chatkit.theme" is not known/],
  ]) {
    test(`${JSON.stringify(options)} is refused with a reason`, () => {
      assert.throws(() => validateOptions({ options }), message);
    });
  }
});
