/** The formula in what KaTeX wrote, copied element by element: only what draws formulas comes through. */

const MATHML = "http://www.w3.org/1998/Math/MathML";

const ELEMENTS = new Set(
  "math mrow mi mn mo mtext mspace msup msub msubsup mfrac msqrt mroot munder mover munderover mtable mtr mtd mstyle mpadded menclose mphantom".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(
  "display mathvariant stretchy fence separator lspace rspace width height depth voffset accent accentunder columnalign rowspacing columnspacing linethickness scriptlevel displaystyle mathcolor mathbackground minsize maxsize symmetric notation movablelimits".split(
    " ",
  ),
);

/** The first formula of an HTML text; undefined when it holds none. Parsing runs and loads nothing. */
export function mathOf(html: string): Element | undefined {
  const math = new DOMParser().parseFromString(html, "text/html").querySelector("math");
  return math ? (copied(math)[0] as Element) : undefined;
}

function copied(node: Node): (Element | Text)[] {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.textContent ?? "")];
  if (!(node instanceof Element) || node.localName === "annotation") return []; // the source once more
  const inside = Array.from(node.childNodes).flatMap((child) => copied(child));
  if (!ELEMENTS.has(node.localName)) return inside;
  const element = document.createElementNS(MATHML, node.localName);
  for (const { name, value } of node.attributes) if (ATTRIBUTES.has(name)) element.setAttribute(name, value);
  element.append(...inside);
  return [element];
}
