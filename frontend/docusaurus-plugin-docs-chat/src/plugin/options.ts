/** What a site may say about its chat in `docusaurus.config`. The reference of the docs is made from these comments. */

export interface ChatKitOptions {
  /** Public key of this site's domain, from the provider's domain allowlist. */
  domainKey: string;
}

/** Questions to start with, for a part of the site. Without a condition they are for all of it. */
export interface StartingQuestions {
  /** The questions. */
  prompts: string[];
  /** Pages they are for, as in `hideOn`. */
  path?: string | string[];
  /** Docs versions they are for, as Docusaurus names them: `current` or `2.1`. */
  version?: string | string[];
  /** Locales they are for. */
  locale?: string | string[];
}

export interface SearchOptions {
  /** Path of the page with all results, below the base URL; `false` for none. */
  page: string | false;
  /** Keys that open the search: `mod+k` is Ctrl+K, on a Mac ⌘K; any other is one character, such as `/`. */
  shortcuts: string[];
}

/** Options as a site's config gives them: all may be left out. */
export interface Options {
  /** Tells several instances of the plugin apart. @default "default" */
  id?: string;
  /** Address of the gateway, without `/chatkit`. @default the site's own origin */
  endpoint?: string;
  /** Name the site was indexed under; needed only where the page's address lies below the base URL of no site. */
  site?: string;
  /** Words on the button. @default "Ask" */
  label?: string;
  /** Title of the panel. @default "Ask the docs" */
  heading?: string;
  /** First line of an empty conversation. @default "What are you looking for?" */
  greeting?: string;
  /**
   * Questions to start with: a list of questions, or of groups `{prompts, path?, version?, locale?}`, where the most
   * telling group that fits the page is shown. @default []
   */
  prompts?: string[] | StartingQuestions[];
  /** `drawer` beside the page, `modal` over it. @default "drawer" */
  mode?: "drawer" | "modal";
  /** Search only pages whose path starts with this. */
  pathPrefix?: string;
  /** Show the floating button. Without it the shortcut, your own buttons and `window.docsChat` open the chat. @default true */
  launcher?: boolean;
  /**
   * Pages without button, shortcut and "Ask about this": paths below the base URL, where `*` stands for anything but a
   * slash, `**` for anything, and `!` in front makes an exception. @default []
   */
  hideOn?: string[];
  /** Key that opens and closes the chat, such as `mod+i` (Ctrl, on a Mac ⌘), `alt+a` or `?`; `false` for none. @default "mod+i" */
  shortcut?: string | false;
  /** What a link to a page with `?ask=…` does with the question: `fill` it in, `ask` at once, or nothing (`false`). @default "fill" */
  askLinks?: "fill" | "ask" | false;
  /** Offer "Ask about this" on code blocks. @default true */
  askAboutCode?: boolean;
  /** Offer "Ask about this page" below the title of a page of the docs. @default false */
  askAboutPage?: boolean;
  /** Offer "Copy page as Markdown" below the title of a page of the docs. @default false */
  copyPage?: boolean;
  /** Offer readers a read-only link to their conversation, where the gateway allows it (`GATEWAY_SHARE_LINKS`). @default false */
  shareLinks?: boolean;
  /** Show which model answered and how long it took. @default false */
  showOrigin?: boolean;
  /** Put questions into the events for analytics. Tell your readers. @default false */
  eventTexts?: boolean;
  /**
   * Replace the search bar of the site with search and ask in one box; `{page, shortcuts}` says under which path all
   * results are shown (`search`) and which keys open it (`mod+k` and `/`). @default false
   */
  search?: boolean | Partial<SearchOptions>;
  /** `{domainKey}`: OpenAI's hosted ChatKit where it is reachable, with this panel as its substitute. */
  chatkit?: ChatKitOptions | null;
}

/** Options after `validated`: complete. */
export type PluginOptions = Required<Omit<Options, "prompts" | "search">> & {
  prompts: StartingQuestions[];
  search: SearchOptions | false;
};
