/** Says where a result comes from, when that is not where the reader is: another docs version, another language. */

/** Global data of `@docusaurus/plugin-content-docs`, by instance; `path` is where the version begins. */
export type Versions = Record<string, { versions: Version[] } | undefined>;

interface Version {
  name: string;
  label: string;
  isLast: boolean;
  path: string;
}

export interface ReaderPlace {
  /** Docs instance and version of the page shown; empty on pages outside the docs. */
  instance: string;
  version: string;
  locale: string;
}

/** The label of a result's version, or nothing where the reader would expect no other. */
export function versionBadge(uri: string, version: string, reader: ReaderPlace, instances: Versions): string {
  if (!version) return "";
  const found = versionOf(new URL(uri).pathname, version, reader.instance, instances);
  if (!found) return version === reader.version ? "" : version;
  const { instance, entry } = found;
  if (reader.instance === instance && reader.version) return entry.name === reader.version ? "" : entry.label;
  return entry.isLast ? "" : entry.label;
}

/** By the address; an address of another locale lies below no known path, then the reader's own instance counts. */
function versionOf(path: string, name: string, ownInstance: string, instances: Versions) {
  const named = Object.entries(instances).flatMap(([instance, data]) =>
    (data?.versions ?? []).filter((entry) => entry.name === name).map((entry) => ({ instance, entry })),
  );
  const [nearest] = named
    .filter(({ entry }) => isBelow(path, entry.path))
    .sort((a, b) => b.entry.path.length - a.entry.path.length);
  return nearest ?? named.find(({ instance }) => instance === ownInstance) ?? named[0];
}

/** The name of a result's language in the reader's, or nothing where both are the same. */
export function localeBadge(locale: string, reader: ReaderPlace): string {
  if (!locale || !reader.locale || locale.toLowerCase() === reader.locale.toLowerCase()) return "";
  return languageName(locale, reader.locale);
}

/** A language's name for people who read another one. */
export function languageName(locale: string, readerLocale: string): string {
  try {
    return new Intl.DisplayNames([readerLocale], { type: "language" }).of(locale) ?? locale;
  } catch {
    return locale;
  }
}

function isBelow(path: string, base: string): boolean {
  return path === base || path.startsWith(base.endsWith("/") ? base : `${base}/`);
}
