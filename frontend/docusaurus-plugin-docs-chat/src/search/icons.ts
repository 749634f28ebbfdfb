/** Outlines of the search, on a 24 by 24 grid. */

import { outline } from "../panel/dom";

const PATHS = {
  search: "M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M15.5 15.500L20.5 20.5",
  doc: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  page: "M4 5h16v14H4zM4 9h16M7 7h.01M9.5 7h.01",
  blog: "M5 5h14M5 10h14M5 15h8M18 13v6h-3",
  section: "M9.5 4L7.5 20M16.5 4L14.5 20M5 9h15M4 15h15",
  recent: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16M12 8v4l3 2",
  all: "M5 7h14M5 12h14M5 17h9",
  ask: "M12 3l1.8 5.200L19 10l-5.2 1.800L12 17l-1.8-5.200L5 10l5.2-1.800zM18 16l.8 2.200L21 19l-2.2.800L18 22l-.8-2.200L15 19l2.2-.800z",
  retry: "M20 5v5h-5M19.5 10a8 8 0 1 0 .5 4",
  enter: "M19 6v5a3 3 0 0 1-3 3H6M9.5 10.500L6 14l3.5 3.5",
  close: "M6 6l12 12M18 6L6 18",
} as const;

export type SearchIcon = keyof typeof PATHS;

export function searchIcon(name: SearchIcon): SVGSVGElement {
  const svg = outline(PATHS[name]);
  svg.classList.add("icon", `icon-${name}`);
  return svg;
}
