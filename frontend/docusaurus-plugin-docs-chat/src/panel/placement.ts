/** Where the panel stands: in the page, as a drawer beside it, as a sheet over a phone's screen, or over everything. */

import { lockPage, standBeside } from "./page_space";
import { Sheet } from "./sheet";
import { WidthHandle } from "./width_handle";

export type Mode = "inline" | "drawer" | "modal";

const PHONE = matchMedia("(max-width: 640px)");
/** From this width on a page has room for a drawer beside it. */
const ROOMY = matchMedia("(min-width: 1000px)");

export class Placement {
  readonly sheet: Sheet;
  private readonly width: WidthHandle;
  private readonly observer = new ResizeObserver(() => this.arrange());

  constructor(
    private readonly host: HTMLElement & { readonly mode: Mode },
    private readonly surface: HTMLElement,
    close: () => void,
  ) {
    this.sheet = new Sheet(surface, () => this.isSheet, close);
    this.width = new WidthHandle(host, surface);
    this.sheet.listenTo(this.sheet.grip);
    surface.prepend(this.width.element, this.sheet.grip);
  }

  connect(): void {
    for (const query of [PHONE, ROOMY]) query.addEventListener("change", this.arrange);
    visualViewport?.addEventListener("resize", this.measure);
    visualViewport?.addEventListener("scroll", this.measure);
    this.observer.observe(this.surface);
  }

  disconnect(): void {
    for (const query of [PHONE, ROOMY]) query.removeEventListener("change", this.arrange);
    visualViewport?.removeEventListener("resize", this.measure);
    visualViewport?.removeEventListener("scroll", this.measure);
    this.observer.disconnect();
    lockPage(false);
    standBeside(0);
  }

  /** True where the page behind cannot be used while the panel is open. */
  get isBlocking(): boolean {
    return this.host.mode === "modal" || this.isSheet;
  }

  /** Brings the page and the surface in line with the mode, the window, and whether the surface is shown. */
  readonly arrange = (): void => {
    const { mode } = this.host;
    if (mode === "inline") return;
    const shown = this.host.isConnected && !this.surface.hidden;
    this.surface.setAttribute("aria-modal", String(this.isBlocking));
    this.width.element.hidden = mode !== "drawer" || PHONE.matches;
    this.sheet.grip.hidden = !this.isSheet;
    this.measure();
    this.width.measure();
    lockPage(shown && this.isBlocking);
    const width = Math.ceil(this.surface.getBoundingClientRect().width);
    standBeside(shown && mode === "drawer" && ROOMY.matches ? width : 0);
  };

  private get isSheet(): boolean {
    return this.host.mode === "drawer" && PHONE.matches;
  }

  /** A phone's keyboard covers the page without telling its layout; only the visual viewport knows. */
  private readonly measure = (): void => {
    const seen = visualViewport;
    if (!seen || seen.scale > 1.01) return;
    this.surface.style.setProperty("--seen-height", `${Math.round(seen.height)}px`);
    const covered = Math.max(0, Math.round(innerHeight - seen.height - seen.offsetTop));
    this.surface.style.setProperty("--covered", `${covered}px`);
  };
}
