/** The colour mode of the site: `data-theme` on `<html>` where the site sets it, the reader's system otherwise. */

import { keepAccentReadable } from "./contrast";

/** Keeps the attribute `data-mode` of `element` at `light` or `dark`, and its accent readable. Returns the end of it. */
export function followColorMode(element: HTMLElement): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const site = document.documentElement.dataset.theme;
    element.dataset.mode = site === "light" || site === "dark" ? site : system.matches ? "dark" : "light";
    keepAccentReadable(element);
  };
  const observer = new MutationObserver(apply);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", apply);
  apply();
  return () => {
    observer.disconnect();
    system.removeEventListener("change", apply);
  };
}
