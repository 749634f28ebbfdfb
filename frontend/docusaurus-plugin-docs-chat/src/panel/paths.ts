/** Which pages an owner's list of paths means. */

/**
 * True when one of the patterns fits the path and no exception (`!…`) does. A list of exceptions alone means all other
 * pages. `*` stands for anything but a slash, `**` for anything; a slash at the end makes no difference.
 */
export function fitsPaths(path: string, patterns: readonly string[]): boolean {
  return new RegExp(pathsExpression(patterns), "u").test(bare(path));
}

/** A list of paths as one regular expression, for a path without a slash at its end. Without patterns it fits none. */
export function pathsExpression(patterns: readonly string[]): string {
  if (patterns.length === 0) return "(?!)";
  const exceptions = patterns
    .filter((pattern) => pattern.startsWith("!"))
    .map((pattern) => expression(pattern.slice(1)));
  const meant = patterns.filter((pattern) => !pattern.startsWith("!")).map(expression);
  const but = exceptions.length > 0 ? `(?!(?:${exceptions.join("|")})$)` : "";
  return `^${but}(?:${meant.join("|") || ".*"})$`;
}

function expression(pattern: string): string {
  const parts = bare(pattern).split(/(\/\*\*|\*\*|\*)/);
  const sources = parts.map((part) => {
    if (part === "/**") return "(?:/.*)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    return part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  });
  return sources.join("");
}

function bare(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}
