/** What a site may say about its chat in `docusaurus.config`, and what is wrong with it if something is. */

export interface ChatKitOptions {
  /** Public key of this site's domain, from the provider's domain allowlist. */
  domainKey: string;
}

export interface SearchOptions {
  /** Path of the page with all results, below the base URL; `false` for none. */
  page: string | false;
  /** Keys that open the search: `mod+k` is Ctrl+K, on a Mac ⌘K; any other is one character, such as `/`. */
  shortcuts: string[];
}

/** Options as a site's config gives them: all may be left out. */
export type Options = Partial<Omit<PluginOptions, "search">> & { search?: boolean | Partial<SearchOptions> };

export interface PluginOptions {
  /** Tells several instances of the plugin apart. */
  id: string;
  /** Address of the gateway without `/chatkit`. Empty: the site's own origin. */
  endpoint: string;
  /** Name under which the site was indexed. Empty is enough while the gateway serves one site. */
  site: string;
  /** Words on the floating button. */
  label: string;
  heading: string;
  greeting: string;
  /** Questions to start with. */
  prompts: string[];
  /** `drawer` beside the page or `modal` over it. */
  mode: "drawer" | "modal";
  /** Search only the part of the site that starts with this path. */
  pathPrefix: string;
  /** Opens OpenAI's hosted ChatKit where it is allowed and reachable. Off unless given. */
  chatkit: ChatKitOptions | null;
  /** Replaces the search bar of the site with search and ask in one box. */
  search: SearchOptions | false;
}

const DEFAULTS: PluginOptions = {
  id: "default",
  endpoint: "",
  site: "",
  label: "",
  heading: "",
  greeting: "",
  prompts: [],
  mode: "drawer",
  pathPrefix: "",
  chatkit: null,
  search: false,
};

/**
 * Checks the options and fills in defaults.
 *
 * @throws Error that names the option and says what it should be.
 */
export function validated(options: Record<string, unknown>): PluginOptions {
  for (const name of Object.keys(options)) {
    if (!(name in DEFAULTS)) fail(name, `is not known. Known are: ${Object.keys(DEFAULTS).join(", ")}`);
  }
  const merged = { ...DEFAULTS, ...options };
  for (const name of ["endpoint", "site", "label", "heading", "greeting", "pathPrefix"] as const) {
    if (typeof merged[name] !== "string") fail(name, "must be a string");
  }
  if (!isEndpoint(merged.endpoint))
    fail("endpoint", `must be an http(s) address or a path like "/ask", not "${merged.endpoint}"`);
  if (/\/chatkit\/?$/.test(merged.endpoint)) fail("endpoint", "must not end in /chatkit: name the gateway itself");
  if (!Array.isArray(merged.prompts) || merged.prompts.some((prompt) => typeof prompt !== "string")) {
    fail("prompts", "must be a list of strings");
  }
  if (!["drawer", "modal"].includes(merged.mode)) fail("mode", 'must be "drawer" or "modal"');
  if (merged.pathPrefix && !merged.pathPrefix.startsWith("/")) fail("pathPrefix", 'must start with "/"');
  checkChatKit(merged.chatkit);
  return { ...merged, endpoint: merged.endpoint.replace(/\/$/, ""), search: searchOptions(merged.search) };
}

function isEndpoint(endpoint: string): boolean {
  if (endpoint === "" || endpoint.startsWith("/")) return true;
  try {
    return /^https?:$/.test(new URL(endpoint).protocol);
  } catch {
    return false;
  }
}

function checkChatKit(chatkit: unknown): void {
  if (chatkit === null) return;
  const { domainKey, ...others } = (chatkit ?? {}) as Record<string, unknown>;
  if (typeof domainKey !== "string" || !domainKey) fail("chatkit.domainKey", "must be a non-empty string");
  const unknown = Object.keys(others)[0];
  if (unknown) fail(`chatkit.${unknown}`, "is not known. Known is: domainKey");
}

const SEARCH: SearchOptions = { page: "search", shortcuts: ["mod+k", "/"] };

/** `true` means the usual ones. */
function searchOptions(search: unknown): SearchOptions | false {
  if (typeof search === "boolean") return search && SEARCH;
  if (typeof search !== "object" || search === null) fail("search", "must be true, false or an object");
  for (const name of Object.keys(search)) {
    if (!(name in SEARCH)) fail(`search.${name}`, `is not known. Known are: ${Object.keys(SEARCH).join(", ")}`);
  }
  const { page, shortcuts } = { ...SEARCH, ...(search as Partial<SearchOptions>) };
  if (page !== false && !(typeof page === "string" && /^[\w-]+(\/[\w-]+)*$/.test(page))) {
    fail("search.page", 'must be false or a path such as "search"');
  }
  const known = (shortcut: unknown) => shortcut === "mod+k" || (typeof shortcut === "string" && shortcut.length === 1);
  if (!Array.isArray(shortcuts) || !shortcuts.every(known)) {
    fail("search.shortcuts", 'must be a list of "mod+k" and single characters');
  }
  return { page, shortcuts };
}

function fail(option: string, problem: string): never {
  throw new Error(`docusaurus-plugin-docs-chat: the option "${option}" ${problem}.`);
}
