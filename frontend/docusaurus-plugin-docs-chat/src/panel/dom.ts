/** Building elements in one expression. Text is always set as text: nothing in here parses HTML. */

type Child = Node | string | null | undefined | false;

type Listeners = Record<string, (event: Event) => void>;

interface Properties {
  class?: string;
  text?: string;
  on?: Listeners;
  [attribute: string]: string | boolean | undefined | Listeners;
}

/** Makes an element; `true` sets an empty attribute, `false` and `undefined` set none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { text, on, ...attributes }: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "string") element.setAttribute(name, value);
    else if (value === true) element.setAttribute(name, "");
  }
  for (const [name, listener] of Object.entries(on ?? {})) element.addEventListener(name, listener);
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Outlines on a 24 by 24 grid, drawn for this panel. */
const ICONS = {
  send: "M12 19V5M5 12l7-7 7 7",
  stop: "M7 7h10v10H7z",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  history: "M4 5v5h5M4.5 10a8 8 0 1 1-.5 4M12 8v4l3 2",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 13l4 4L19 7",
  up: "M7 11v9H4v-9zM7 11l4-7c2 0 2.5 1.5 2 3l-.7 3H18a2 2 0 0 1 2 2.300l-1 6a2 2 0 0 1-2 1.700H7",
  down: "M17 13V4h3v9zM17 13l-4 7c-2 0-2.5-1.5-2-3l.7-3H6a2 2 0 0 1-2-2.300l1-6A2 2 0 0 1 7 4h10",
  retry: "M20 5v5h-5M19.5 10a8 8 0 1 0 .5 4",
  page: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  pen: "M4 20l1-5L16 4l4 4L9 19z",
  spark:
    "M12 3l1.8 5.200L19 10l-5.2 1.800L12 17l-1.8-5.200L5 10l5.2-1.800zM18 16l.8 2.200L21 19l-2.2.8L18 22l-.8-2.200L15 19l2.2-.8z",
} as const;

export type IconName = keyof typeof ICONS;

/** An icon that says nothing to screen readers: the button around it carries the name. */
export function icon(name: IconName): SVGSVGElement {
  return outline(ICONS[name]);
}

/** A drawing on a 24 by 24 grid, hidden from screen readers. */
export function outline(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS(SVG, "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
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
