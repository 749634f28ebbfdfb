/** The search bar of the navbar: a button that looks like a box and opens the search. */

import { useEffect, useRef, useState } from "react";
import { openSearch, preload, sayInBar, shortcutKeys, watchShortcuts } from "@theme/DocsChatSearch";
import styles from "./styles.module.css";

export default function SearchBar() {
  const button = useRef<HTMLButtonElement>(null);
  // Known only in the browser: the page is the same for readers of every system.
  const [keys, setKeys] = useState<string[]>([]);
  const [failed, setFailed] = useState(false);

  function open() {
    setFailed(false);
    openSearch(button.current ?? undefined).catch(() => setFailed(true));
  }

  useEffect(() => {
    setKeys(shortcutKeys());
    return watchShortcuts(open);
  }, []);

  return (
    <button
      ref={button}
      type="button"
      className={styles.bar}
      aria-haspopup="dialog"
      aria-keyshortcuts={keys.length > 0 ? keys.join("+").replace("⌘", "Meta").replace("Ctrl", "Control") : undefined}
      onClick={open}
      onPointerEnter={preload}
      onFocus={preload}
    >
      <svg className={styles.icon} viewBox="0 0 24 24" aria-hidden="true">
        <path d="M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M15.5 15.5L20.5 20.5" />
      </svg>
      <span className={styles.words} role={failed ? "alert" : undefined}>
        {failed ? sayInBar("searchNotLoaded") : sayInBar("search")}
      </span>
      <span className={styles.keys} aria-hidden="true">
        {keys.map((key) => (
          <kbd key={key} className={styles.key}>
            {key}
          </kbd>
        ))}
      </span>
    </button>
  );
}
