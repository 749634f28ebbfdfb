/** The colour mode of the site: `data-theme` on `<html>` where the site sets it, the reader's system otherwise. */

/**
 * Keeps the attribute `data-mode` of `element` at `light` or `dark`, and calls `changed` whenever its colours may have
 * changed. Returns the function that ends it.
 */
export function followColorMode(element: HTMLElement, changed?: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const site = document.documentElement.dataset.theme;
    element.dataset.mode = site === "light" || site === "dark" ? site : system.matches ? "dark" : "light";
    changed?.();
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
