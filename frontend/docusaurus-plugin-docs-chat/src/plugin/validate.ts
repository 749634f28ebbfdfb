/** Checks what a site's config says, and says what is wrong with it. */

import { parseShortcut } from "../panel/shortcut";
import type { Options, PluginOptions, SearchOptions, StartingQuestions } from "./options";

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
  launcher: true,
  hideOn: [],
  shortcut: "mod+i",
  askLinks: "fill",
  askAboutCode: true,
  askAboutPage: false,
  copyPage: false,
  shareLinks: false,
  showOrigin: false,
  eventTexts: false,
  search: false,
  chatkit: null,
};

const CONDITIONS = ["path", "version", "locale"] as const;

/**
 * Checks the options and fills in defaults.
 *
 * @throws Error that names the option and says what it should be.
 */
export function validated(given: Record<string, unknown>): PluginOptions {
  for (const name of Object.keys(given)) {
    if (!(name in DEFAULTS)) fail(name, `is not known. Known are: ${Object.keys(DEFAULTS).join(", ")}`);
  }
  const options = { ...DEFAULTS, ...withoutUndefined(given) } as Required<Options>;
  for (const [name, usual] of Object.entries(DEFAULTS)) checkKind(name, options[name as keyof Options], usual);
  if (!isEndpoint(options.endpoint))
    fail("endpoint", `must be an http(s) address or a path like "/ask", not "${options.endpoint}"`);
  if (/\/chatkit\/?$/.test(options.endpoint)) fail("endpoint", "must not end in /chatkit: name the gateway itself");
  checkChoice("mode", options.mode, ["drawer", "modal"]);
  checkChoice("askLinks", options.askLinks, ["fill", "ask", false]);
  if (options.pathPrefix && !options.pathPrefix.startsWith("/")) fail("pathPrefix", 'must start with "/"');
  checkPaths("hideOn", options.hideOn);
  checkShortcut(options.shortcut);
  checkChatKit(options.chatkit);
  return {
    ...options,
    endpoint: options.endpoint.replace(/\/$/, ""),
    prompts: startingQuestions(options.prompts),
    search: searchOptions(options.search),
  };
}

/** An option that is computed and came out as undefined is one that was left out. */
function withoutUndefined(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Strings and switches; the others have checks of their own. */
function checkKind(name: string, value: unknown, usual: unknown): void {
  const own = ["mode", "askLinks", "shortcut", "search"].includes(name);
  if (typeof usual === "boolean" && !own && typeof value !== "boolean") fail(name, "must be true or false");
  if (typeof usual === "string" && !own && typeof value !== "string") fail(name, "must be a string");
}

function checkChoice(name: string, value: unknown, choices: unknown[]): void {
  if (!choices.includes(value)) fail(name, `must be ${choices.map((each) => JSON.stringify(each)).join(" or ")}`);
}

function checkPaths(name: string, paths: unknown): void {
  if (!isStrings(paths)) fail(name, "must be a list of paths");
  const wrong = paths.find((path) => !/^!?\//.test(path));
  if (wrong !== undefined) fail(name, `must hold paths that start with "/" (or "!/" for an exception), not "${wrong}"`);
}

function checkShortcut(shortcut: unknown): void {
  if (shortcut !== false && !(typeof shortcut === "string" && parseShortcut(shortcut)))
    fail("shortcut", 'must be a key like "mod+i", "alt+a" or "?", or false');
}

function startingQuestions(prompts: unknown): StartingQuestions[] {
  if (isStrings(prompts)) return prompts.length > 0 ? [{ prompts }] : [];
  if (!Array.isArray(prompts))
    fail("prompts", "must be a list of strings, or of groups {prompts, path, version, locale}");
  return prompts.map((group: unknown, position) => checkedGroup(`prompts[${position}]`, group));
}

function checkedGroup(name: string, group: unknown): StartingQuestions {
  if (typeof group !== "object" || group === null)
    fail(name, "must be {prompts, path, version, locale}: do not mix it with strings");
  const { prompts, ...conditions } = group as Record<string, unknown>;
  if (!isStrings(prompts)) fail(`${name}.prompts`, "must be a list of strings");
  for (const [condition, value] of Object.entries(conditions)) {
    if (!CONDITIONS.some((known) => known === condition))
      fail(`${name}.${condition}`, `is not known. Known are: prompts, ${CONDITIONS.join(", ")}`);
    if (!isStrings(asList(value))) fail(`${name}.${condition}`, "must be a string or a list of strings");
    if (condition === "path") checkPaths(`${name}.path`, asList(value));
  }
  return group as StartingQuestions;
}

function asList(value: unknown): unknown {
  return typeof value === "string" ? [value] : value;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
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
