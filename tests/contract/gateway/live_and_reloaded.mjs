/** Reads streams and stored threads from standard input; prints the panel's turns: live, and after a reload. */

import { readFileSync } from "node:fs";
import { source } from "../../../frontend/docusaurus-plugin-docs-chat/test/source.mjs";

const { applyEvent, emptyConversation, endTurn, newTurn, turnsOf } = await source("panel/conversation.ts");
const { turns, items } = JSON.parse(readFileSync(0, "utf8"));

const live = turns.map(({ question, quoted, stream, stopped, thumb }) => {
  const turn = newTurn(question, quoted);
  for (const event of stream) applyEvent(emptyConversation(), turn, event);
  if (stopped) Object.assign(turn, { state: "stopped", progress: "" });
  else endTurn(turn);
  return thumb ? { ...turn, feedback: thumb } : turn;
});
console.log(JSON.stringify({ live, reloaded: turnsOf(items.data, items.docs_chat) }));
