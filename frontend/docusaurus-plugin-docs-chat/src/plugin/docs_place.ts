/** Which docs a page belongs to: the instance of the docs plugin, and the version where it is not the released one. */

/** Global data of `@docusaurus/plugin-content-docs`, by instance. */
export type DocsInstances = Record<
  string,
  { versions: { name: string; label?: string; isLast: boolean }[] } | undefined
>;

export interface DocsPlace {
  docs_instance?: string;
  /** Only where the reader is not on the last version: without one, each instance is searched in its own last one. */
  version?: string;
  /** What the site calls the version, where it has several. */
  version_label?: string;
}

/**
 * Reads the place from what Docusaurus writes into a page of the docs.
 *
 * @param version Meta tag `docusaurus_version`: `current` or `2.1`.
 * @param tag Meta tag `docusaurus_tag`: `docs-{instance}-{version}`.
 */
export function docsPlace(version: string | undefined, tag: string | undefined, instances: DocsInstances): DocsPlace {
  if (!version) return {};
  const instance = instanceOf(version, tag);
  const versions = instances[instance ?? "default"]?.versions ?? [];
  const shown = versions.find((each) => each.name === version);
  return {
    ...(instance && { docs_instance: instance }),
    ...(!shown?.isLast && { version }),
    ...(versions.length > 1 && shown?.label && { version_label: shown.label }),
  };
}

function instanceOf(version: string, tag: string | undefined): string | undefined {
  const [start, end] = ["docs-", `-${version}`];
  if (!tag?.startsWith(start) || !tag.endsWith(end)) return undefined;
  return tag.slice(start.length, -end.length) || undefined;
}
