/**
 * What an open panel does to the page around it: a modal one holds the page still, a drawer takes its width from it.
 *
 * Both are attributes of `<html>`, there only while the panel is open: `data-docs-chat-locked`, and
 * `data-docs-chat-beside` with the width in the custom property `--docs-chat-beside`, for the site's own styles.
 */

import css from "./styles/page.css";

const root = document.documentElement;
const sheet = new CSSStyleSheet();
/** Below this rest of the page, in px, a documentation layout of three columns gets tight. */
const NARROW_PAGE_PX = 1100;

/** Stops the page from scrolling, or lets it. The space of a scroll bar stays, so that nothing moves sideways. */
export function lockPage(locked: boolean): void {
  if (!locked) return root.removeAttribute("data-docs-chat-locked");
  if (root.hasAttribute("data-docs-chat-locked")) return;
  addStyles();
  root.setAttribute("data-docs-chat-locked", innerWidth > root.clientWidth ? "gutter" : "");
}

/** Leaves `width` px of the page to a drawer; 0 gives them back. */
export function standBeside(width: number): void {
  if (!width) {
    root.removeAttribute("data-docs-chat-beside");
    root.style.removeProperty("--docs-chat-beside");
    return;
  }
  addStyles();
  root.style.setProperty("--docs-chat-beside", `${width}px`);
  root.setAttribute("data-docs-chat-beside", innerWidth - width < NARROW_PAGE_PX ? "narrow" : "wide");
}

function addStyles(): void {
  if (document.adoptedStyleSheets.includes(sheet)) return;
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}
