/** One bundle for the tests: an error is only recognised by the class that threw it. */

export { GatewayError } from "../src/panel/gateway_client";
export { KeptAnswers } from "../src/search/kept_answers";
export { Searcher } from "../src/search/searcher";
