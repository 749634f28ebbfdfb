/**
 * The scrolling of a conversation. A new question goes to the top and its answer grows below it, where the reader is
 * left alone: the text moves by itself only for a reader who went to its end while it grows.
 */

import { h, iconButton } from "./dom";
import { say } from "./texts";

const AT_END_PX = 24;
/** Less than this out of sight, in px, is seen to be there and needs no button over it. */
const AWAY_PX = 120;

export class Reading {
  readonly scroller = h("div", { class: "scroller", tabindex: "-1" });
  /** Shown while the end of the conversation is out of sight. */
  readonly jump = iconButton("arrow", say("jumpToLatest"), () => this.toEnd(), { class: "jump", hidden: true });
  private following = false;
  private lastTop = 0;
  private current: HTMLElement | undefined;
  private readonly observer = new ResizeObserver(() => this.measure());

  constructor() {
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  connect(): void {
    this.observer.observe(this.scroller);
  }

  disconnect(): void {
    this.observer.disconnect();
  }

  /** Puts a turn to the top, with room below for an answer. */
  begin(turn: HTMLElement): void {
    this.current?.classList.remove("current");
    this.current = turn;
    this.following = false;
    turn.classList.add("current");
    this.measure();
    const { scroller } = this;
    scroller.scrollTop += turn.getBoundingClientRect().top + turn.clientTop - scroller.getBoundingClientRect().top;
  }

  /** To be called when the conversation has grown or shrunk. */
  grown(): void {
    if (this.following) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.showJump();
  }

  private toEnd(): void {
    this.following = true;
    this.grown();
    this.scroller.focus({ preventScroll: true });
  }

  private scrolled(): void {
    const { scrollTop } = this.scroller;
    if (scrollTop < this.lastTop - 1) this.following = false;
    else if (scrollTop > this.lastTop + 1 && this.toGo < AT_END_PX && this.isLongerThanSight) this.following = true;
    this.lastTop = scrollTop;
    this.showJump();
  }

  /** Only then has the reader gone to the end: the beginning of a short answer is its end as well. */
  private get isLongerThanSight(): boolean {
    return (this.current?.offsetHeight ?? 0) > this.scroller.clientHeight + AT_END_PX;
  }

  private get toGo(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  private showJump(): void {
    this.jump.hidden = this.toGo < AWAY_PX;
  }

  private measure(): void {
    // A panel in a page may grow with its content: never ask for more than a window.
    const height = Math.min(this.scroller.clientHeight, innerHeight);
    this.scroller.style.setProperty("--sight", `${height}px`);
    this.showJump();
  }
}
