/**
 * What the site can draw answers with, out of its own bundle: a highlighter, formulas, diagrams. Each is loaded when an
 * answer first holds one. Kept apart from the drawing itself, which is loaded with the panel.
 */

export interface Tools {
  /** Code → coloured pieces; undefined when the language is not known. */
  highlight: (code: string, language: string) => Node[] | undefined;
  /** TeX → MathML, as HTML that has not been checked. */
  formula: (tex: string, display: boolean) => string;
  /** Source of a diagram → SVG, as text. */
  diagram: (source: string, dark: boolean) => Promise<string>;
}

/** How each tool is loaded; those that the site does not have are left out. */
export type Loaders = { [Name in keyof Tools]?: () => Promise<Tools[Name]> };

let loaders: Loaders = {};
const ready: Partial<Tools> = {};

/** Says what the site can draw: before the first answer. */
export function setLoaders(offered: Loaders): void {
  loaders = offered;
}

export function canDraw(name: keyof Tools): boolean {
  return name in loaders;
}

/** Draws at once with a tool that is loaded, as soon as it is otherwise; without the tool, never. */
export function withTool<Name extends keyof Tools>(name: Name, draw: (tool: Tools[Name]) => void): void {
  const tool = ready[name];
  if (tool) return draw(tool);
  void loaders[name]?.().then(
    (loaded: Tools[Name]) => {
      ready[name] = loaded;
      draw(loaded);
    },
    () => undefined, // The source stands there already.
  );
}
