/** Colours that can be read: the site's accent as it is, or as much darker or lighter as the text on it needs. */

export type Rgb = readonly [red: number, green: number, blue: number];

/** WCAG 2.2, 1.4.3: contrast of text of normal size. */
const READABLE = 4.5;
const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [16, 21, 28];
/** How much accent is in the tinted grounds that text in the accent's colour stands on (see base.css). */
const TINT = 0.1;
const STEP = 0.08;

/** Sets `--readable-accent` of `host` from the `.probe` in its shadow root. */
export function keepAccentReadable(host: HTMLElement): void {
  host.style.removeProperty("--readable-accent");
  const probe = host.shadowRoot?.querySelector(".probe");
  const style = probe && getComputedStyle(probe);
  const [brand, surface] = [style && rgbOf(style.color), style && rgbOf(style.backgroundColor)];
  if (!brand || !surface) return;
  const readable = readableOn(brand, surface);
  if (readable !== brand) host.style.setProperty("--readable-accent", `rgb(${readable.join(" ")})`);
}

/** `color` itself where it can be read on `surface` and on its own tint there; otherwise moved towards black or white. */
export function readableOn(color: Rgb, surface: Rgb): Rgb {
  const ground = mixed(surface, color, TINT);
  const target = luminance(surface) > 0.18 ? INK : WHITE;
  for (let share = 0; share < 1; share += STEP) {
    const candidate = share === 0 ? color : mixed(color, target, share);
    if (contrast(candidate, ground) >= READABLE) return candidate;
  }
  return target;
}

/** WCAG 2.2 contrast ratio, from 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mixed(from: Rgb, to: Rgb, share: number): Rgb {
  return from.map((channel, i) => Math.round(channel + ((to[i] ?? 0) - channel) * share)) as unknown as Rgb;
}

/** Channels of a computed colour; undefined when it is transparent. Notations other than rgb() are drawn and read. */
function rgbOf(color: string): Rgb | undefined {
  const plain = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(color);
  if (plain) return plain.slice(1).map(Number) as unknown as Rgb;
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  if (!canvas) return undefined;
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = Array.from(canvas.getImageData(0, 0, 1, 1).data);
  return alpha === 255 ? [red, green, blue] : undefined;
}
