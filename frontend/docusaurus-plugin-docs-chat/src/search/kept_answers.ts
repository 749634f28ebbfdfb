/** Answers of the last minutes, so that a deleted letter and the browser's Back show theirs at once. */

import type { SearchAnswer } from "./answer";

const KEPT = 40;
const FRESH_MS = 5 * 60_000;

export class KeptAnswers {
  private readonly entries = new Map<string, { answer: SearchAnswer; at: number }>();

  /** @param placeOf What an answer depends on besides the query, such as the reader's version. */
  constructor(private readonly placeOf: () => string) {}

  get(query: string): SearchAnswer | undefined {
    const entry = this.entries.get(this.key(query));
    return entry && Date.now() - entry.at < FRESH_MS ? entry.answer : undefined;
  }

  add(query: string, answer: SearchAnswer): void {
    this.entries.delete(this.key(query));
    this.entries.set(this.key(query), { answer, at: Date.now() });
    const oldest = this.entries.keys().next();
    if (this.entries.size > KEPT && !oldest.done) this.entries.delete(oldest.value);
  }

  private key(query: string): string {
    return `${this.placeOf()}\n${query}`;
  }
}
