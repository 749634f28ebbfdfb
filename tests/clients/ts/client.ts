// A client of docs-chat in TypeScript: searches, has a question answered, and tells failures apart by their reason.
//
//     node build/client.js RETRIEVER AGENT QUESTION
//
// DOCS_CHAT_TOKEN, when set, is shown to the services.
import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";

import { AgentServiceClient, MessageRole, RunTurnRequest, type RunTurnResponse } from "./gen/docs_chat/agent/v1/agent_service.js";
import {
  GetSiteRequest,
  RetrieverServiceClient,
  SearchPassagesRequest,
  type SearchPassagesResponse,
} from "./gen/docs_chat/retriever/v1/retriever_service.js";
import { ErrorInfo } from "./gen/google/rpc/error_details.js";
import { Status } from "./gen/google/rpc/status.js";

const [retrieverTarget, agentTarget, question] = process.argv.slice(2);
if (!retrieverTarget || !agentTarget || !question) {
  throw new Error("usage: node build/client.js RETRIEVER AGENT QUESTION");
}

const metadata = new Metadata();
if (process.env.DOCS_CHAT_TOKEN) metadata.set("authorization", `Bearer ${process.env.DOCS_CHAT_TOKEN}`);
const withinLimits = () => ({ deadline: Date.now() + 30_000 });

const retriever = new RetrieverServiceClient(retrieverTarget, credentials.createInsecure());
const agent = new AgentServiceClient(agentTarget, credentials.createInsecure());

function search(text: string): Promise<SearchPassagesResponse> {
  const request = SearchPassagesRequest.fromPartial({ queries: [{ text }], limit: 3 });
  return new Promise((resolve, reject) => {
    retriever.searchPassages(request, metadata, withinLimits(), (error, found) => (error ? reject(error) : resolve(found)));
  });
}

/** Why a call failed, as ErrorReason names it without its prefix. */
function reason(error: ServiceError): string {
  for (const bytes of error.metadata.get("grpc-status-details-bin")) {
    for (const detail of Status.decode(bytes as Buffer).details) {
      if (!detail.typeUrl.endsWith("/google.rpc.ErrorInfo")) continue;
      const info = ErrorInfo.decode(detail.value);
      if (info.domain === "docs-chat") return info.reason;
    }
  }
  return String(error.code);
}

for (const passage of (await search(question)).passages) console.log("found", passage.uri);

const turn = RunTurnRequest.fromPartial({ messages: [{ role: MessageRole.MESSAGE_ROLE_USER, text: question }] });
for await (const event of agent.runTurn(turn, metadata, withinLimits()) as AsyncIterable<RunTurnResponse>) {
  if (event.textDelta) console.log("text", event.textDelta.text);
  if (event.turnCompleted) console.log("answer", event.turnCompleted.text);
}

retriever.getSite(GetSiteRequest.fromPartial({ site: "nowhere" }), metadata, withinLimits(), (error) => {
  console.log("refused", error ? reason(error) : "not at all");
  retriever.close();
  agent.close();
});
