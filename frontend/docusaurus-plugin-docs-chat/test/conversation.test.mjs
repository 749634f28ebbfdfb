import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { source } from "./source.mjs";

const { applyEvent, emptyConversation, endTurn, newTurn, resetTurn, turnsOf } = await source("panel/conversation.ts");

const USER = { type: "user_message", id: "msg_1", content: [{ type: "input_text", text: "How?" }] };
const updated = (update) => ({ type: "thread.item.updated", item_id: "msg_2", update });
const delta = (text) => updated({ type: "assistant_message.content_part.text_delta", content_index: 0, delta: text });
const citation = (index, id) => ({ type: "annotation", index, source: { type: "entity", id, title: id } });
const part = (text, annotations = []) => ({ type: "output_text", text, annotations });
const answer = (...content) => ({ type: "assistant_message", id: "msg_2", content });

/** A turn after `events`, with the conversation around it. */
function after(...events) {
  const conversation = emptyConversation();
  const turn = newTurn("How?");
  for (const event of events) applyEvent(conversation, turn, event);
  return { conversation, turn };
}

const begun = { type: "thread.item.added", item: answer(part("")) };

describe("a turn", () => {
  test("waits, streams and is done", () => {
    assert.equal(after().turn.state, "waiting");
    assert.equal(after(begun, delta("By")).turn.state, "streaming");
    const { turn } = after(begun, delta("By"), { type: "thread.item.done", item: answer(part("By doing.")) });
    endTurn(turn);
    assert.equal(turn.state, "done");
    assert.equal(turn.answer.text, "By doing.");
  });

  test("remembers its thread, its question and what was found", () => {
    const passages = { passages: [], answerability: "answerable" };
    const { conversation, turn } = after(
      { type: "thread.created", thread: { id: "thr_1", created_at: "" } },
      { type: "thread.item.done", item: USER },
      { type: "client_effect", name: "docs_chat.passages", data: passages },
      { type: "client_effect", name: "docs_chat.suggestions", data: { suggestions: ["And then?"] } },
      { type: "thread.updated", thread: { id: "thr_1", title: "How", created_at: "" } },
    );
    assert.deepEqual(conversation, { threadId: "thr_1", title: "How", turns: [] });
    assert.equal(turn.userItemId, "msg_1");
    assert.equal(turn.found, passages);
    assert.deepEqual(turn.suggestions, ["And then?"]);
    assert.equal(turn.state, "waiting", "only words of the answer make it stream");
  });

  test("shows progress until words come", () => {
    const searching = { type: "progress_update", text: "Searching" };
    assert.equal(after(searching).turn.progress, "Searching");
    assert.equal(after(searching, begun, delta("By")).turn.progress, "");
  });

  test("ignores what it does not know and what belongs to another item", () => {
    const other = { ...delta("nothing"), item_id: "msg_9" };
    const { turn } = after(begun, { type: "thread.item.danced" }, { type: "client_effect", name: "x", data: 1 }, other);
    assert.equal(turn.answer.text, "");
  });

  test("keeps streamed citations when the finished part names none", () => {
    const added = { type: "assistant_message.content_part.annotation_added", content_index: 0, annotation_index: 0 };
    const done = { type: "assistant_message.content_part.done", content_index: 0, content: part("By doing.") };
    const { turn } = after(begun, delta("By"), updated({ ...added, annotation: citation(2, "/a") }), updated(done));
    assert.deepEqual(turn.answer.annotations, [citation(2, "/a")]);
  });

  test("counts citations from the start of the whole answer, not of their part", () => {
    const item = answer(
      part("One.", [citation(4, "/a")]),
      part("Two.", [citation(4, "/b"), { ...citation(0, "/c"), index: undefined }]),
    );
    const { turn } = after({ type: "thread.item.done", item });
    assert.equal(turn.answer.text, "One.Two.");
    assert.deepEqual(
      turn.answer.annotations.map(({ index }) => index),
      [4, 8, undefined],
    );
  });
});

describe("the end of a turn", () => {
  for (const [what, events, message] of [
    ["without an answer is a failure", [], /went wrong/],
    ["in the middle of the text is told", [begun, delta("By")], /broke off/],
    [
      "after an error says what the gateway said",
      [{ type: "error", code: "x", message: "Busy.", allow_retry: false }],
      /^Busy\.$/,
    ],
  ]) {
    test(what, () => {
      const { turn } = after(...events);
      endTurn(turn);
      assert.equal(turn.state, "failed");
      assert.match(turn.failure.message, message);
    });
  }

  test("can be followed by a second try that knows nothing of the first", () => {
    const { turn } = after(begun, delta("By"), { type: "thread.item.done", item: USER });
    endTurn(turn);
    resetTurn(turn);
    assert.deepEqual(turn, { ...newTurn("How?"), userItemId: "msg_1" });
  });
});

describe("a stored thread", () => {
  test("becomes turns; a question that was never answered was stopped", () => {
    const turns = turnsOf([USER, answer(part("By doing.")), { ...USER, id: "msg_3", quoted_text: "this" }]);
    assert.deepEqual(
      turns.map(({ question, quotedText, state, answer: given }) => [question, quotedText, state, given?.text]),
      [
        ["How?", "", "done", "By doing."],
        ["How?", "this", "stopped", undefined],
      ],
    );
  });

  test("comes back with everything that was shown around its answers", () => {
    const facts = { item_id: "msg_2", source: "extractive", model: "", degraded: true, not_found: [], total_ms: 9 };
    const first = {
      state: "done",
      found: { passages: [], answerability: "weak" },
      notices: [{ level: "info", message: "No language model answered" }],
      facts,
      suggestions: ["And then?"],
    };
    const failure = { message: "The model is busy", retryable: true };
    const second = { state: "failed", notices: [], suggestions: [], failure };
    const items = [USER, answer(part("> Do it.")), { ...USER, id: "msg_3" }];
    const shown = { turns: { msg_1: first, msg_3: second }, thumbs: { msg_2: "negative" } };
    assert.deepEqual(turnsOf(items, shown), [
      {
        ...newTurn("How?"),
        ...first,
        userItemId: "msg_1",
        answer: { itemId: "msg_2", text: "> Do it.", annotations: [] },
        feedback: "negative",
      },
      { ...newTurn("How?"), userItemId: "msg_3", state: "failed", failure },
    ]);
  });

  test("keeps the last of two answers with its own thumb", () => {
    const items = [USER, answer(part("Old.")), { ...answer(part("New.")), id: "msg_4" }];
    const [turn] = turnsOf(items, { turns: {}, thumbs: { msg_2: "negative" } });
    assert.equal(turn.answer.text, "New.");
    assert.equal(turn.feedback, undefined);
  });
});
