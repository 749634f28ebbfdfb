/** The search itself, for the page of results. Not meant to be swizzled: it has no look. */

export { makeResultsPage, say } from "../../search/page";
