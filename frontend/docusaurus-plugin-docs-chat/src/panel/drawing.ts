/** Code in colours, formulas and diagrams; where the site has nothing to draw them with, the source stays as it is. */

import { h } from "./dom";
import { mathOf } from "./mathml";
import { say } from "./texts";
import { withTool } from "./tools";

/** Colours the code in `element`. */
export function drawCode(element: HTMLElement, language: string): void {
  withTool("highlight", (highlight) => {
    const pieces = highlight(element.textContent, language);
    if (pieces) element.replaceChildren(...pieces);
  });
}

/** Puts a formula into the place of its source. */
export function drawFormula(source: HTMLElement): void {
  withTool("formula", (formula) => {
    const display = source.classList.contains("displayed");
    const math = mathOf(formula(source.textContent, display));
    if (math) source.replaceWith(math);
  });
}

/** Shows a diagram in `place`, whose code block folds away. As a picture it can run nothing and load nothing. */
export function drawDiagram(place: HTMLElement, source: string): void {
  withTool("diagram", (diagram) => {
    const dark = isDark(place);
    void diagram(source, dark).then(
      (svg) => {
        const src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
        const code = Array.from(place.childNodes);
        place.classList.add("diagram", dark ? "on-dark" : "on-light");
        place.replaceChildren(
          h("img", { src, alt: say("diagram") }),
          h("details", {}, h("summary", { text: say("diagramSource") }), ...code),
        );
      },
      () => undefined, // A diagram with a mistake in it is shown as it was written.
    );
  });
}

function isDark(element: Element): boolean {
  const root = element.getRootNode();
  return root instanceof ShadowRoot && (root.host as HTMLElement).dataset.mode === "dark";
}
