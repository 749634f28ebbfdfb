/** What the panel knows of the conversation, and how each event of the wire changes it. No DOM in here. */

import type {
  AnswerFacts,
  AnswerPart,
  Annotation,
  AssistantMessage,
  FeedbackKind,
  ItemUpdate,
  NoticeLevel,
  PassagesFound,
  ShownTurns,
  StreamEvent,
  ThreadItem,
} from "./protocol";
import { say } from "./texts";

export interface Notice {
  level: NoticeLevel;
  message: string;
  title?: string;
}

export interface TurnFailure {
  message: string;
  retryable: boolean;
}

/** Waiting: nothing of the answer yet. Stopped: by the reader. Failed: `failure` says how. */
export type TurnState = "waiting" | "streaming" | "done" | "stopped" | "failed";

/** A question with everything that came back. */
export interface Turn {
  question: string;
  quotedText: string;
  userItemId?: string;
  state: TurnState;
  progress: string;
  found?: PassagesFound;
  answer?: { itemId: string; text: string; annotations: Annotation[] };
  facts?: AnswerFacts;
  notices: Notice[];
  failure?: TurnFailure;
  suggestions: string[];
  feedback?: FeedbackKind;
}

export interface Conversation {
  threadId?: string;
  title: string;
  turns: Turn[];
}

export function emptyConversation(): Conversation {
  return { title: "", turns: [] };
}

export function newTurn(question: string, quotedText = ""): Turn {
  return { question, quotedText, state: "waiting", progress: "", notices: [], suggestions: [] };
}

/** Prepares a turn to be answered again: the question stays, the answer goes. */
export function resetTurn(turn: Turn): void {
  const fresh = newTurn(turn.question, turn.quotedText);
  delete turn.found;
  delete turn.answer;
  delete turn.facts;
  delete turn.failure;
  delete turn.feedback;
  Object.assign(turn, fresh);
}

/** Applies one event to the turn that is being answered. */
export function applyEvent(conversation: Conversation, turn: Turn, event: StreamEvent): void {
  switch (event.type) {
    case "thread.created":
    case "thread.updated":
      conversation.threadId = event.thread.id;
      conversation.title = event.thread.title ?? conversation.title;
      return;
    case "thread.item.added":
    case "thread.item.replaced":
      applyItem(turn, event.item);
      return;
    case "thread.item.done":
      applyItem(turn, event.item);
      if (event.item.type === "assistant_message") turn.state = "done";
      return;
    case "thread.item.updated":
      if (turn.answer?.itemId === event.item_id) applyUpdate(turn, event.update);
      return;
    case "progress_update":
      turn.progress = event.text;
      return;
    case "client_effect":
      applyEffect(turn, event.name, event.data);
      return;
    case "notice":
      turn.notices.push({ level: event.level, message: event.message, ...(event.title && { title: event.title }) });
      return;
    case "error":
      turn.state = "failed";
      turn.failure = { message: event.message || say("failed"), retryable: event.allow_retry };
      return;
    default:
      return;
  }
}

/** Ends a turn whose stream ended normally; one without an answer and without a reason has failed. */
export function endTurn(turn: Turn): void {
  turn.progress = "";
  if (turn.state === "failed") return;
  if (turn.state === "done" && turn.answer) return;
  turn.state = "failed";
  turn.failure = { message: say(turn.answer?.text ? "interrupted" : "failed"), retryable: true };
}

function applyItem(turn: Turn, item: ThreadItem): void {
  if (item.type === "user_message") turn.userItemId = item.id;
  if (item.type === "assistant_message") turn.answer = answerOf(item);
  turn.progress = "";
}

function answerOf(item: AssistantMessage): NonNullable<Turn["answer"]> {
  const text = item.content.map((part) => part.text).join("");
  const annotations: Annotation[] = [];
  let offset = 0;
  for (const part of item.content) {
    annotations.push(...part.annotations.map((annotation) => shifted(annotation, offset)));
    offset += part.text.length;
  }
  return { itemId: item.id, text, annotations };
}

function shifted(annotation: Annotation, offset: number): Annotation {
  return annotation.index === undefined ? annotation : { ...annotation, index: annotation.index + offset };
}

function applyUpdate(turn: Turn, update: ItemUpdate): void {
  const answer = turn.answer;
  if (!answer) return;
  switch (update.type) {
    case "assistant_message.content_part.text_delta":
      answer.text += update.delta;
      turn.progress = "";
      if (turn.state === "waiting") turn.state = "streaming";
      return;
    case "assistant_message.content_part.annotation_added":
      answer.annotations.push(update.annotation);
      return;
    case "assistant_message.content_part.added":
      answer.text += update.content.text;
      return;
    case "assistant_message.content_part.done":
      keepCitations(answer, update.content);
      return;
  }
}

/** A finished part may come without its annotations; those that were streamed are kept then. */
function keepCitations(answer: NonNullable<Turn["answer"]>, part: AnswerPart): void {
  answer.text = part.text;
  if (part.annotations.length > 0) answer.annotations = part.annotations;
}

function applyEffect(turn: Turn, name: string, data: unknown): void {
  if (name === "docs_chat.passages") turn.found = data as PassagesFound;
  if (name === "docs_chat.answer") turn.facts = data as AnswerFacts;
  if (name === "docs_chat.suggestions") turn.suggestions = (data as { suggestions: string[] }).suggestions;
}

/**
 * Rebuilds the turns of a stored thread as they were when they ended.
 *
 * @param items Oldest first.
 * @param shown What was kept of their turns; older conversations have less.
 */
export function turnsOf(items: ThreadItem[], shown?: ShownTurns): Turn[] {
  const turns: Turn[] = [];
  for (const item of items) {
    if (item.type === "user_message") {
      const text = item.content.map((part) => part.text ?? "").join("");
      turns.push({ ...newTurn(text, item.quoted_text), userItemId: item.id, state: "stopped" });
    }
    const turn = turns.at(-1);
    if (item.type === "assistant_message" && turn) {
      turn.answer = answerOf(item);
      turn.state = "done";
      const thumb = shown?.thumbs[item.id];
      if (thumb) turn.feedback = thumb;
      else delete turn.feedback;
    }
  }
  for (const turn of turns) Object.assign(turn, shown?.turns[turn.userItemId ?? ""]);
  return turns;
}
