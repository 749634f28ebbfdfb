/** The drawer of a phone: a sheet from the bottom with two heights, dragged by its head or moved by its grip. */

import { h } from "./dom";
import { say } from "./texts";

/** A pointer that moved less than this, in px, has pressed and not dragged. */
const STILL_PX = 6;
/** A flick goes on for so long, in ms, when the height it ends at is chosen. */
const GLIDE_MS = 160;
const CLOSES_BELOW = 0.35;
const HALF_BELOW = 0.8;

export class Sheet {
  readonly grip = h("button", { type: "button", class: "grip", "aria-label": say("fullHeight") });
  private dragged = false;

  /**
   * @param surface Gets `data-sheet`, `half` or `full`; the styles make heights of it.
   * @param isSheet Whether the surface is a sheet at the moment.
   */
  constructor(
    private readonly surface: HTMLElement,
    private readonly isSheet: () => boolean,
    private readonly close: () => void,
  ) {
    this.grip.addEventListener("click", () => this.dragged || this.setFull(!this.isFull));
    this.grip.addEventListener("keydown", (event) => this.pressed(event));
    this.setFull(false);
  }

  /** Lets `head` be dragged, apart from its buttons. */
  listenTo(head: HTMLElement): void {
    head.addEventListener("pointerdown", (event) => {
      const button = (event.target as Element).closest("button, a");
      if (this.isSheet() && (!button || button === this.grip)) this.drag(head, event);
    });
  }

  setFull(full: boolean): void {
    this.surface.dataset.sheet = full ? "full" : "half";
    this.grip.setAttribute("aria-pressed", String(full));
  }

  private get isFull(): boolean {
    return this.surface.dataset.sheet === "full";
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key === "ArrowUp") this.setFull(true);
    else if (event.key === "ArrowDown" && this.isFull) this.setFull(false);
    else if (event.key === "ArrowDown") this.close();
    else return;
    event.preventDefault();
  }

  private drag(head: HTMLElement, { pointerId, clientY: from, timeStamp }: PointerEvent): void {
    const { surface } = this;
    const height = surface.offsetHeight;
    let last = { y: from, at: timeStamp, speed: 0 };
    this.dragged = false;
    const move = ({ clientY, timeStamp: at }: PointerEvent) => {
      if (!this.dragged && Math.abs(clientY - from) < STILL_PX) return;
      if (!this.dragged) head.setPointerCapture(pointerId);
      this.dragged = true;
      last = { y: clientY, at, speed: (clientY - last.y) / Math.max(1, at - last.at) };
      surface.dataset.dragging = "";
      surface.style.height = `${height + from - clientY}px`;
    };
    const end = new AbortController();
    const release = () => {
      end.abort();
      delete surface.dataset.dragging;
      surface.style.height = "";
      if (this.dragged) this.settle((height + from - last.y - last.speed * GLIDE_MS) / this.room);
      // The click of this press comes after its release.
      setTimeout(() => (this.dragged = false));
    };
    addEventListener("pointermove", move, end);
    for (const name of ["pointerup", "pointercancel"] as const) addEventListener(name, release, end);
  }

  private settle(share: number): void {
    if (share < CLOSES_BELOW) this.close();
    else this.setFull(share >= HALF_BELOW);
  }

  private get room(): number {
    return visualViewport?.height ?? innerHeight;
  }
}
