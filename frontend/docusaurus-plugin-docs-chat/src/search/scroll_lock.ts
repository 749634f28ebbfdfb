/** Keeps the page below a modal surface where it is. */

/** Returns the function that lets it scroll again. What the bar of a scrolled page took stays free: nothing jumps. */
export function lockScroll(): () => void {
  const { style, clientWidth } = document.documentElement;
  const before = { overflow: style.overflow, paddingRight: style.paddingRight };
  const bar = window.innerWidth - clientWidth;
  style.overflow = "hidden";
  if (bar > 0) style.paddingRight = `${bar}px`;
  return () => Object.assign(style, before);
}
