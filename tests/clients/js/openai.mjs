// OpenAI's own client: one whole answer, one streamed, one refusal. Usage: node openai.mjs <address>/v1
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "unused", maxRetries: 0 });
const asked = { model: "docs-chat", messages: [{ role: "user", content: "How do I retry?" }] };

const whole = await client.chat.completions.create(asked);
const { content, annotations } = whole.choices[0].message;
const { start_index, end_index } = annotations[0].url_citation;

let streamed = "";
for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
  streamed += chunk.choices[0]?.delta?.content ?? "";
}

const refused = await client.chat.completions.create({ ...asked, n: 2 }).catch((error) => error);
const models = (await client.models.list()).data.map((model) => model.id);

console.log(
  JSON.stringify({
    content,
    streamed,
    // the indices count code points, as in Python; JavaScript's strings count UTF-16 units
    marked: [...content].slice(start_index, end_index).join(""),
    refused: { status: refused.status, param: refused.param, code: refused.code },
    models,
  }),
);
