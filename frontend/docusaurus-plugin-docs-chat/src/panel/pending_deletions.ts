/**
 * Deleting that can be taken back for some seconds. What is to be deleted is kept in the browser until the gateway has
 * done it, so closing the tab in between loses neither the conversation nor the wish to delete it: the next visit does it.
 */

import { browserMemory, type Memory } from "./memory";

/** How long a deletion can be taken back. */
const GRACE_MS = 10_000;

export class PendingDeletions {
  private readonly timers = new Map<string, number>();
  private readonly memory: Memory;

  /**
   * @param key Tells gateways and sites apart.
   * @param remove Deletes on the gateway.
   * @param over Told when a deletion was carried out, or failed: then the conversation is there as before.
   */
  constructor(
    key: string,
    private readonly remove: (id: string) => Promise<unknown>,
    private readonly over: (id: string, failure?: Error) => void,
  ) {
    this.memory = browserMemory(`deleting:${key}`);
  }

  /** Carries out what an earlier visit left, unless another tab may still take it back. */
  resume(): void {
    for (const [id, due] of Object.entries(this.kept)) {
      if (!this.timers.has(id)) this.plan(id, Math.max(0, due - Date.now()));
    }
  }

  has(id: string): boolean {
    return id in this.kept;
  }

  add(id: string): void {
    this.write({ ...this.kept, [id]: Date.now() + GRACE_MS });
    this.plan(id, GRACE_MS);
  }

  takeBack(id: string): void {
    clearTimeout(this.timers.get(id));
    this.forget(id);
  }

  private plan(id: string, delay: number): void {
    const begin = () => {
      // Another tab may have taken it back, or carried it out.
      if (this.has(id)) void this.carryOut(id);
      else this.forget(id);
    };
    this.timers.set(id, window.setTimeout(begin, delay));
  }

  private async carryOut(id: string): Promise<void> {
    const failure = await this.remove(id).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    this.forget(id);
    this.over(id, failure);
  }

  private forget(id: string): void {
    this.timers.delete(id);
    const { [id]: _gone, ...others } = this.kept;
    this.write(others);
  }

  private get kept(): Record<string, number> {
    try {
      return JSON.parse(this.memory.read() ?? "{}") as Record<string, number>;
    } catch {
      return {};
    }
  }

  private write(kept: Record<string, number>): void {
    this.memory.write(Object.keys(kept).length > 0 ? JSON.stringify(kept) : undefined);
  }
}
