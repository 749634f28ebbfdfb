/** What the browser keeps for the chat. Storage may be forbidden: then nothing is kept, and nothing fails. */

export interface Memory {
  read(): string | null;
  /** Keeps a value; an empty one or none is forgotten. */
  write(value: string | undefined): void;
}

/** Kept until this tab is closed. */
export function tabMemory(name: string): Memory {
  return memoryIn(() => sessionStorage, name);
}

/** Kept for every tab of this browser. */
export function browserMemory(name: string): Memory {
  return memoryIn(() => localStorage, name);
}

function memoryIn(storage: () => Storage, name: string): Memory {
  const key = `docs-chat.${name}`;
  return {
    read() {
      try {
        return storage().getItem(key);
      } catch {
        return null;
      }
    },
    write(value) {
      try {
        if (value) storage().setItem(key, value);
        else storage().removeItem(key);
      } catch {
        // Not kept.
      }
    },
  };
}
