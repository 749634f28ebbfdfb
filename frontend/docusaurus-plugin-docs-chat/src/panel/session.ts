/** Runs turns against the gateway and keeps the conversation; tells its owner whenever something changed. */

import {
  applyEvent,
  emptyConversation,
  endTurn,
  newTurn,
  resetTurn,
  turnsOf,
  type Conversation,
  type Turn,
} from "./conversation";
import { GatewayError, type GatewayClient } from "./gateway_client";
import type {
  FeedbackKind,
  FeedbackReason,
  ItemPage,
  ShownTurns,
  StreamingRequest,
  Thread,
  ThreadItem,
  UserInput,
  WantsTurns,
} from "./protocol";

export interface SessionEvents {
  /** The conversation or the turn in flight changed. Called often while text streams. */
  changed(): void;
  /** A question goes out; `first` of its conversation. */
  asked(turn: Turn, first: boolean): void;
  /** A turn ended, well or not, and is still shown. */
  ended(turn: Turn): void;
  /** A turn ended, shown or not; told after `ended`. */
  finished(turn: Turn): void;
}

const ITEMS_PER_PAGE = 100;
const MAX_PAGES = 20;
const WANTS_TURNS: WantsTurns = { "docs_chat.turns": true };

export class Session {
  conversation: Conversation = emptyConversation();
  private inFlight: { turn: Turn; abort: AbortController } | undefined;

  constructor(
    private readonly client: GatewayClient,
    private readonly events: SessionEvents,
  ) {}

  get streaming(): boolean {
    return this.inFlight !== undefined;
  }

  /** Asks a question in the current thread, or in a new one. Ignored while an answer streams. */
  async ask(question: string, quotedText = ""): Promise<void> {
    if (this.streaming) return;
    const turn = newTurn(question, quotedText);
    this.conversation.turns.push(turn);
    await this.run(turn, this.askRequest(turn));
  }

  /** Answers a turn again: after its question where the gateway has stored it, from the start otherwise. */
  async retry(turn: Turn): Promise<void> {
    if (this.streaming) return;
    resetTurn(turn);
    const { threadId } = this.conversation;
    const stored = threadId && turn.userItemId;
    await this.run(
      turn,
      stored
        ? { type: "threads.retry_after_item", params: { thread_id: threadId, item_id: stored } }
        : this.askRequest(turn),
    );
  }

  /** Stops the answer; the gateway sees the closed connection and keeps what was written. */
  stop(): void {
    this.inFlight?.abort.abort();
    this.inFlight = undefined;
  }

  startNew(): void {
    this.stop();
    this.conversation = emptyConversation();
    this.events.changed();
  }

  /** Loads a stored thread. */
  async open(threadId: string): Promise<void> {
    this.stop();
    const thread = await this.client.request<Thread>({
      type: "threads.get_by_id",
      params: { thread_id: threadId },
      metadata: WANTS_TURNS,
    });
    const turns = await this.allTurns(threadId, thread.items);
    this.conversation = { threadId, title: thread.title ?? "", turns };
    this.events.changed();
  }

  /** Shows a conversation that somebody shared: it has no thread of this reader's. */
  async openShared(token: string): Promise<void> {
    this.stop();
    const response = await this.client.call("GET", `/v1/shared/${encodeURIComponent(token)}`);
    const { title, items } = (await response.json()) as { title: string; items: ThreadItem[] };
    this.conversation = { title, turns: turnsOf(items) };
    this.events.changed();
  }

  async rate(turn: Turn, kind: FeedbackKind): Promise<void> {
    const { threadId } = this.conversation;
    if (!threadId || !turn.answer) return;
    turn.feedback = kind;
    this.events.changed();
    await this.client.request({
      type: "items.feedback",
      params: { thread_id: threadId, item_ids: [turn.answer.itemId], kind },
    });
  }

  /** Says why an answer did not help. */
  async explain(turn: Turn, reason: FeedbackReason, text: string): Promise<void> {
    const { threadId } = this.conversation;
    if (!threadId || !turn.answer) return;
    await this.client.request({
      type: "threads.sync_custom_action",
      params: {
        thread_id: threadId,
        item_id: turn.answer.itemId,
        action: { type: "docs_chat.feedback", payload: { reason, text } },
      },
    });
  }

  private askRequest(turn: Turn): StreamingRequest {
    const input: UserInput = {
      content: [{ type: "input_text", text: turn.question }],
      attachments: [],
      quoted_text: turn.quotedText,
      inference_options: {},
    };
    const { threadId } = this.conversation;
    return threadId
      ? { type: "threads.add_user_message", params: { thread_id: threadId, input } }
      : { type: "threads.create", params: { input } };
  }

  private async run(turn: Turn, request: StreamingRequest): Promise<void> {
    const { conversation } = this;
    const abort = new AbortController();
    const mine = { turn, abort };
    this.inFlight = mine;
    this.events.asked(turn, conversation.turns.length === 1);
    this.events.changed();
    try {
      for await (const event of this.client.stream(request, abort)) {
        applyEvent(conversation, turn, event);
        this.events.changed();
      }
      endTurn(turn);
    } catch (error) {
      this.fail(turn, error);
    } finally {
      if (this.inFlight === mine) this.inFlight = undefined;
      this.events.changed();
      if (conversation === this.conversation) this.events.ended(turn);
      this.events.finished(turn);
    }
  }

  private fail(turn: Turn, error: unknown): void {
    turn.progress = "";
    if (error instanceof GatewayError) {
      turn.state = "failed";
      turn.failure = { message: error.message, retryable: error.retryable };
    } else if ((error as Error).name === "AbortError") {
      turn.state = "stopped";
    } else {
      throw error;
    }
  }

  private async allTurns(threadId: string, first?: ItemPage): Promise<Turn[]> {
    const items = Array.from(first?.data ?? []);
    const shown: ShownTurns = { turns: { ...first?.docs_chat?.turns }, thumbs: { ...first?.docs_chat?.thumbs } };
    let more = first?.has_more ?? false;
    for (let page = 0; more && page < MAX_PAGES; page += 1) {
      const after = items.at(-1)?.id;
      const next = await this.client.request<ItemPage>({
        type: "items.list",
        params: { thread_id: threadId, limit: ITEMS_PER_PAGE, order: "asc", ...(after && { after }) },
        metadata: WANTS_TURNS,
      });
      items.push(...next.data);
      Object.assign(shown.turns, next.docs_chat?.turns);
      Object.assign(shown.thumbs, next.docs_chat?.thumbs);
      more = next.has_more && next.data.length > 0;
    }
    return turnsOf(items, shown);
  }
}
