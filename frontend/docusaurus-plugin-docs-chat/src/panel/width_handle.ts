/** The edge of the drawer: dragged, or moved with the arrow keys, and remembered. */

import { h } from "./dom";
import { browserMemory } from "./memory";
import { say } from "./texts";

const SMALLEST_PX = 320;
const STEP_PX = 24;
/** What the page keeps at least where the drawer stands beside it, in px. */
const PAGE_PX = 480;

export class WidthHandle {
  readonly element = h("div", {
    class: "width-handle",
    role: "separator",
    tabindex: "0",
    "aria-orientation": "vertical",
    "aria-label": say("panelWidth"),
  });
  private readonly memory = browserMemory("width");

  /**
   * @param host Gets the chosen width as `--chosen-width`.
   * @param surface What is measured.
   */
  constructor(
    private readonly host: HTMLElement,
    private readonly surface: HTMLElement,
  ) {
    const remembered = Number(this.memory.read());
    if (remembered) this.host.style.setProperty("--chosen-width", `${remembered}px`);
    this.element.addEventListener("keydown", (event) => this.pressed(event));
    this.element.addEventListener("dblclick", () => this.choose(0));
    this.element.addEventListener("pointerdown", (event) => this.grabbed(event));
  }

  /** Tells assistive technology the width; called whenever the surface has changed its size. */
  measure(): void {
    const { element, surface } = this;
    element.setAttribute("aria-valuemin", String(SMALLEST_PX));
    element.setAttribute("aria-valuemax", String(this.largest));
    element.setAttribute("aria-valuenow", String(Math.round(surface.offsetWidth)));
  }

  private get largest(): number {
    return Math.max(SMALLEST_PX, innerWidth - PAGE_PX);
  }

  /** 1 where the drawer is at the right end of lines, -1 where lines run from right to left. */
  private get direction(): number {
    return getComputedStyle(this.host).direction === "rtl" ? -1 : 1;
  }

  private choose(width: number): void {
    const chosen = width && Math.round(Math.min(Math.max(width, SMALLEST_PX), this.largest));
    if (chosen) this.host.style.setProperty("--chosen-width", `${chosen}px`);
    else this.host.style.removeProperty("--chosen-width");
    this.memory.write(chosen ? String(chosen) : undefined);
    this.measure();
  }

  private pressed(event: KeyboardEvent): void {
    const now = this.surface.offsetWidth;
    const wider = this.direction === 1 ? "ArrowLeft" : "ArrowRight";
    const narrower = this.direction === 1 ? "ArrowRight" : "ArrowLeft";
    const widths: Record<string, number> = {
      [wider]: now + STEP_PX,
      [narrower]: now - STEP_PX,
      Home: SMALLEST_PX,
      End: this.largest,
    };
    const width = widths[event.key];
    if (width === undefined) return;
    event.preventDefault();
    this.choose(width);
  }

  private grabbed(event: PointerEvent): void {
    event.preventDefault();
    this.element.focus();
    this.element.setPointerCapture(event.pointerId);
    const [from, width] = [event.clientX, this.surface.offsetWidth];
    const move = (moved: PointerEvent) => this.choose(width + (from - moved.clientX) * this.direction);
    const release = () => this.element.removeEventListener("pointermove", move);
    this.element.addEventListener("pointermove", move);
    this.element.addEventListener("lostpointercapture", release, { once: true });
  }
}
