/** The panel's icons and buttons. `element.ts` holds what a page needs before the panel is loaded. */

import { h, outline, SPARK, type Properties } from "./element";

export { h, outline };

/** Outlines on a 24 by 24 grid, drawn for this panel. */
const ICONS = {
  send: "M12 19V5M5 12l7-7 7 7",
  stop: "M7 7h10v10H7z",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  history: "M4 5v5h5M4.5 10a8 8 0 1 1-.5 4M12 8v4l3 2",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 13l4 4L19 7",
  up: "M7 11v9H4v-9zM7 11l4-7c2 0 2.5 1.5 2 3l-.7 3H18a2 2 0 0 1 2 2.300l-1 6a2 2 0 0 1-2 1.700H7",
  down: "M17 13V4h3v9zM17 13l-4 7c-2 0-2.5-1.5-2-3l.7-3H6a2 2 0 0 1-2-2.300l1-6A2 2 0 0 1 7 4h10",
  retry: "M20 5v5h-5M19.5 10a8 8 0 1 0 .5 4",
  arrow: "M12 5v14M6 13l6 6 6-6",
  back: "M15 5l-7 7 7 7",
  page: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  pen: "M4 20l1-5L16 4l4 4L9 19z",
  spark: SPARK,
} as const;

export type IconName = keyof typeof ICONS;

/** An icon that says nothing to screen readers: the button around it carries the name. */
export function icon(name: IconName): SVGSVGElement {
  return outline(ICONS[name]);
}

/** A button with an icon, named for everyone: as a tooltip and to assistive technology. */
export function iconButton(name: IconName, label: string, onClick: (event: Event) => void, extra: Properties = {}) {
  const { class: className, ...rest } = extra;
  return h(
    "button",
    {
      type: "button",
      class: `icon-button ${className ?? ""}`.trim(),
      title: label,
      "aria-label": label,
      on: { click: onClick },
      ...rest,
    },
    icon(name),
  );
}
