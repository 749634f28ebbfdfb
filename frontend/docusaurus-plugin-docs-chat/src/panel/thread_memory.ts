/** Which conversation this browser tab is in; forgotten with the tab. Storage may be forbidden: then it is not kept. */

const PREFIX = "docs-chat.thread:";

export function readThreadId(key: string): string | null {
  try {
    return sessionStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

export function rememberThreadId(key: string, threadId: string | undefined): void {
  try {
    if (threadId) sessionStorage.setItem(PREFIX + key, threadId);
    else sessionStorage.removeItem(PREFIX + key);
  } catch {
    // Not kept.
  }
}
