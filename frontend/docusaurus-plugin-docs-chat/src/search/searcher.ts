/** Search while somebody types: one request at a time, the newest wins, and what is shown stays until it is replaced. */

import { GatewayError } from "../panel/gateway_client";
import { EMPTY_ANSWER, type SearchAnswer } from "./answer";
import type { KeptAnswers } from "./kept_answers";

/** Fetches the answer to one query; rejects with an `AbortError` once aborted, else with a `GatewayError`. */
export type Fetch = (query: string, abort: AbortController) => Promise<SearchAnswer>;

export interface SearchState {
  /** What was typed last. */
  query: string;
  /** The newest answer; of an earlier query while `pending`. Absent before the first and for an empty box. */
  answer: SearchAnswer | undefined;
  failure: string;
  /** True from a keystroke until its answer or failure. */
  pending: boolean;
}

/** Long enough to skip the inner letters of a quick typist, too short to be noticed. */
const PAUSE_MS = 70;

export class Searcher {
  state: SearchState = { query: "", answer: undefined, failure: "", pending: false };
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private inFlight: AbortController | undefined;

  /**
   * @param fetchAnswer Asks the gateway.
   * @param kept Answers known already.
   * @param changed Called after each change of `state`.
   */
  constructor(
    private readonly fetchAnswer: Fetch,
    private readonly kept: KeptAnswers,
    private readonly changed: () => void,
    private readonly pauseMs = PAUSE_MS,
  ) {}

  /** Takes the whole text of the box after each keystroke. */
  type(query: string): void {
    if (query === this.state.query && !this.state.failure) return;
    this.cancel();
    if (!query.trim()) return this.become({ query, answer: undefined, failure: "", pending: false });
    const known = this.kept.get(query);
    if (known) return this.become({ query, answer: known, failure: "", pending: false });
    this.become({ ...this.state, query, pending: true });
    this.waiting = setTimeout(() => void this.search(query), this.pauseMs);
  }

  /** Searches the same query again, at once. */
  retry(): void {
    this.cancel();
    this.become({ ...this.state, pending: true });
    void this.search(this.state.query);
  }

  /** Gives up what is under way, as when nobody looks any more. */
  cancel(): void {
    clearTimeout(this.waiting);
    this.inFlight?.abort();
    this.inFlight = undefined;
  }

  private async search(query: string): Promise<void> {
    const abort = new AbortController();
    this.inFlight = abort;
    try {
      const answer = await this.fetchAnswer(query, abort);
      if (this.inFlight !== abort) return;
      this.kept.add(query, answer);
      this.become({ query, answer, failure: "", pending: false });
    } catch (error) {
      if (this.inFlight !== abort) return;
      if (!(error instanceof GatewayError)) throw error;
      this.become({ query, answer: EMPTY_ANSWER, failure: error.message, pending: false });
    }
  }

  private become(state: SearchState): void {
    this.state = state;
    this.changed();
  }
}
