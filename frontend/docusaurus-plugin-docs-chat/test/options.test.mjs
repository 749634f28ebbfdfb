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

  for (const [options, message] of [
    [{ endpont: "x" }, /option "endpont" is not known. Known are: id, endpoint/],
    [
      { endpoint: "ask.example.com" },
      /option "endpoint" must be an http\(s\) address or a path like "\/ask", not "ask.example.com"/,
    ],
    [{ endpoint: "https://ask.example.com/chatkit" }, /must not end in \/chatkit/],
    [{ prompts: "one" }, /option "prompts" must be a list of strings/],
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
