// Vercel's AI SDK: one whole answer, one streamed, one with tools on offer, one refusal. Usage: node ai_sdk.mjs <address>/v1
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, streamText, tool } from "ai";

const docs = createOpenAICompatible({ name: "docs-chat", baseURL: process.argv[2], includeUsage: true });
const asked = { model: docs("docs-chat"), prompt: "How do I retry?", maxRetries: 0 };

const whole = await generateText({ ...asked, system: "You are a pirate.", temperature: 0.2 });
const stream = streamText(asked);
let streamed = "";
for await (const piece of stream.textStream) streamed += piece;

const search = tool({ description: "Search", inputSchema: jsonSchema({ type: "object", properties: {} }) });
const offered = await generateText({ ...asked, tools: { search } });
const limited = await generateText({ ...asked, maxOutputTokens: 1 });
const forced = await generateText({ ...asked, tools: { search }, toolChoice: "required" }).catch((error) => error);
const plain = await generateText({ ...asked, providerOptions: { "docs-chat": { docs_chat: { citations: "none" } } } });

console.log(
  JSON.stringify({
    content: whole.text,
    streamed,
    finish: await stream.finishReason,
    offered: offered.text,
    limited: { text: limited.text, finish: limited.finishReason },
    forced: { status: forced.statusCode, body: JSON.parse(forced.responseBody ?? "{}").error?.param },
    plain: plain.text,
  }),
);
