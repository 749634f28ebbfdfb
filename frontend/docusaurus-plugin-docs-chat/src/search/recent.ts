/** What this reader searched for before, newest first. Kept in this browser, for one site; storage may be forbidden. */

const PREFIX = "docs-chat.searches:";
const KEPT = 8;
const MAX_LENGTH = 120;

export class RecentSearches {
  private readonly key: string;

  /** @param site Tells sites of one origin apart. */
  constructor(site: string) {
    this.key = PREFIX + site;
  }

  list(): string[] {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      if (!Array.isArray(stored)) return [];
      return stored.filter((each): each is string => typeof each === "string").slice(0, KEPT);
    } catch {
      return [];
    }
  }

  /** Puts a search first; the same words in other letters count as the same. */
  add(query: string): void {
    const words = query.trim().replace(/\s+/g, " ");
    if (words && words.length <= MAX_LENGTH) this.store([words, ...this.without(words)].slice(0, KEPT));
  }

  remove(query: string): void {
    this.store(this.without(query));
  }

  clear(): void {
    this.store([]);
  }

  private without(query: string): string[] {
    return this.list().filter((each) => each.toLowerCase() !== query.toLowerCase());
  }

  private store(searches: string[]): void {
    try {
      if (searches.length > 0) localStorage.setItem(this.key, JSON.stringify(searches));
      else localStorage.removeItem(this.key);
    } catch {
      // Not kept.
    }
  }
}
