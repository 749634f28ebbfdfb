/** Which pages an owner's list of paths means. */

/**
 * True when one of the patterns fits the path and no exception (`!…`) does. A list of exceptions alone means all other
 * pages. `*` stands for anything but a slash, `**` for anything; a slash at the end makes no difference.
 */
export function fitsPaths(path: string, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return false;
  const exceptions = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const meant = patterns.filter((pattern) => !pattern.startsWith("!"));
  const fits = (pattern: string) => expression(pattern).test(bare(path));
  return (meant.length === 0 || meant.some(fits)) && !exceptions.some(fits);
}

/** The path below the base URL of the site (which holds the locale): `/fr/docs/intro` below `/fr/` is `/docs/intro`. */
export function pathBelow(baseUrl: string, pathname: string): string {
  const base = baseUrl.replace(/\/$/, "");
  return pathname.startsWith(`${base}/`) || pathname === base ? pathname.slice(base.length) || "/" : pathname;
}

function expression(pattern: string): RegExp {
  const parts = bare(pattern).split(/(\/\*\*|\*\*|\*)/);
  const source = parts.map((part) => {
    if (part === "/**") return "(?:/.*)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    return part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`, "u");
}

function bare(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}
