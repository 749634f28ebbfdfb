/**
 * A gateway that plays recorded ChatKit exchanges, for the panel's tests and for working on the panel without services.
 *
 * What it plays follows from the words of the question: "slow", "drop", "overloaded", "broken", "error event",
 * "refused", "injection", "not covered", "extractive"; anything else is answered well. Run it by hand:
 *
 *     node tests/e2e/scripted_gateway.mjs 8077
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ANSWERS, answerFor } from "./scripted_answers.mjs";
import { searchAnswer } from "./scripted_search.mjs";

const STATIC = fileURLToPath(new URL("../../gateway/static/", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** Starts on a free port of the loopback interface unless one is given. */
export async function startScriptedGateway({ port = 0, pace = 12, folder = STATIC, origins = [] } = {}) {
  const gateway = new ScriptedGateway({ pace, folder, origins });
  const server = createServer((request, response) => gateway.handle(request, response));
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    gateway,
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}

class ScriptedGateway {
  /** Requests of the protocol in order, with the context header decoded. */
  requests = [];
  /** Typed searches in order, with the parameters that were sent. */
  searches = [];
  /** Site whose pages are found. */
  siteOrigin = "";
  /** Its pages, where they are not those of the docs. */
  pages = undefined;
  /** Streams that the reader closed before their end. */
  aborted = 0;
  #threads = new Map();
  #failures = new Map();
  #links = new Map();
  #ids = 0;
  #releases = [];

  constructor({ pace, folder, origins }) {
    Object.assign(this, { pace, folder, origins });
  }

  /** Lets answers that wait for a word ("slow") go on. */
  release() {
    for (const go of this.#releases.splice(0)) go();
  }

  async handle(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://gateway");
    this.#allow(request, response);
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    if (request.method === "POST" && pathname === "/chatkit") return this.#chatkit(request, response);
    if (request.method === "POST" && pathname === "/v1/readers")
      return json(response, 200, { token: "reader-token-1" });
    if (request.method === "GET" && pathname === "/v1/search/sections")
      return this.#search(searchParams, request, response);
    const link = /^\/v1\/threads\/(\w+)\/(link|unlink)$/.exec(pathname);
    if (link) return this.#link(link[2], link[1], response);
    if (pathname.startsWith("/v1/shared/")) return this.#shared(pathname.split("/").at(-1), response);
    if (pathname === "/v1/pages.md") return this.#page(request, response);
    return this.#file(pathname, response);
  }

  #link(action, threadId, response) {
    if (action === "unlink") return (this.#links.delete(threadId), json(response, 200, {}));
    this.#links.set(threadId, `token-of-${threadId}-000000`);
    return json(response, 200, { token: this.#links.get(threadId), expires_at: null });
  }

  #shared(token, response) {
    const [threadId] = [...this.#links].find(([, each]) => each === token) ?? [];
    const { stored, title } = this.#threads.get(threadId) ?? {};
    if (!stored) return json(response, 404, { message: "This link leads nowhere (any more)." });
    return json(response, 200, { title, items: stored });
  }

  #page(request, response) {
    const uri = new URL(request.url, "http://gateway").searchParams.get("uri");
    response.writeHead(200, { "Content-Type": "text/markdown" }).end(`# A page\n\n${uri}\n`);
  }

  async #search(parameters, request, response) {
    const query = parameters.get("q");
    const search = { ...Object.fromEntries(parameters), reader: request.headers["x-docs-chat-reader"], aborted: false };
    this.searches.push(search);
    response.on("close", () => (search.aborted = !response.writableEnded));
    if (this.#failsOnce("overloaded", query)) return json(response, 503, { message: "The search is restarting." });
    if (this.#failsOnce("many", query)) return (response.setHeader("Retry-After", "7"), json(response, 429, {}));
    if (this.#failsOnce("login", query)) return json(response, 401, { message: "Who are you?" });
    if (/hold/.test(query)) await this.#released();
    return json(response, 200, searchAnswer(parameters, this.siteOrigin, this.pages));
  }

  #allow(request, response) {
    if (!this.origins.includes(request.headers.origin)) return;
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin);
    response.setHeader("Access-Control-Allow-Methods", "GET, POST, DELETE");
    response.setHeader("Access-Control-Expose-Headers", "retry-after");
    response.setHeader("Access-Control-Allow-Headers", "content-type, x-docs-chat-context, x-docs-chat-reader");
  }

  async #file(pathname, response) {
    const bare = pathname.replace(/\/$/, "");
    const names = [bare, `${bare}.html`, `${bare}/index.html`];
    const files = await Promise.all(names.map((name) => readFile(join(this.folder, name)).catch(() => null)));
    const found = files.findIndex(Boolean);
    if (found < 0) return response.writeHead(404).end("not here");
    const body = files[found];
    const type = TYPES[extname(names[found])] ?? "application/octet-stream";
    // Docusaurus writes an inline script into each page, so only our own pages are held to the strict policy.
    const policy = this.folder === STATIC ? { "Content-Security-Policy": CSP } : {};
    response.writeHead(200, { "Content-Type": type, ...policy }).end(body);
  }

  async #chatkit(request, response) {
    const { type, params } = JSON.parse(await text(request));
    const context = JSON.parse(Buffer.from(request.headers["x-docs-chat-context"] ?? "e30", "base64url").toString());
    this.requests.push({
      type,
      params,
      context,
      reader: request.headers["x-docs-chat-reader"],
      cookie: request.headers.cookie,
    });
    const answer = this[`on:${type}`];
    if (!answer) return json(response, 400, { message: `Unknown request type ${type}` });
    return answer.call(this, params, response);
  }

  // ---- streams ----

  "on:threads.create"({ input }, response) {
    const thread = { id: this.#id("thr"), created_at: now(), status: { type: "active" }, metadata: {}, stored: [] };
    return this.#turn(thread, input, response, [{ type: "thread.created", thread: shown(thread) }]);
  }

  "on:threads.add_user_message"({ thread_id, input }, response) {
    return this.#turn(this.#threads.get(thread_id), input, response, []);
  }

  "on:threads.retry_after_item"({ thread_id, item_id }, response) {
    const thread = this.#threads.get(thread_id);
    const position = thread.stored.findIndex((item) => item.id === item_id);
    thread.stored.splice(position + 1);
    return this.#play(thread, thread.stored[position], response, []);
  }

  #turn(thread, input, response, first) {
    const question = input.content.map((part) => part.text).join("");
    if (this.#failsOnce("overloaded", question))
      return json(response, 503, { message: "The docs assistant is restarting." });
    if (/refused/.test(question)) return json(response, 413, { message: "The question is too long." });
    const item = { type: "user_message", id: this.#id("msg"), thread_id: thread.id, created_at: now(), ...input };
    this.#threads.set(thread.id, thread);
    thread.stored.push(item);
    return this.#play(thread, item, response, [...first, { type: "thread.item.done", item }]);
  }

  async #play(thread, userItem, response, first) {
    const question = userItem.content.map((part) => part.text).join("");
    response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache" });
    let open = true;
    response.on("close", () => {
      if (!response.writableEnded && open) this.aborted += 1;
      open = false;
    });
    const send = (event) => open && response.write(`data: ${JSON.stringify(event)}\n\n`);
    for (const event of first) send(event);
    send({ type: "stream_options", stream_options: { allow_cancel: true } });
    send({ type: "progress_update", icon: "search", text: "Searching the docs" });
    response.write(": keep-alive\n\n");
    if (this.#failsOnce("error event", question)) {
      send({ type: "error", code: "custom", message: "No model is free at the moment.", allow_retry: true });
      return response.end();
    }
    const script = answerFor(question);
    if (script.passages) send({ type: "client_effect", name: "docs_chat.passages", data: script.passages });
    send({ type: "progress_update", text: `Reading ${script.passages.passages.length} passages` });
    // As the agent does: what tells how to read the answer comes before its first word.
    for (const notice of script.notices ?? []) send({ type: "notice", ...notice });
    if (/hold/.test(question)) await this.#released();
    const id = this.#id("msg");
    const item = { id, thread_id: thread.id, created_at: now(), type: "assistant_message" };
    send({
      type: "thread.item.added",
      item: { ...item, content: [{ type: "output_text", text: "", annotations: [] }] },
    });
    const part = await this.#stream(id, script, question, send, response, () => open);
    if (!part) return;
    const done = { ...item, content: [part] };
    thread.stored.push(done);
    send({ type: "thread.item.done", item: done });
    thread.title ??= question.slice(0, 60);
    send({ type: "thread.updated", thread: shown(thread) });
    send({ type: "client_effect", name: "docs_chat.answer", data: { item_id: id, ...script.facts } });
    send({ type: "client_effect", name: "docs_chat.suggestions", data: { suggestions: script.suggestions } });
    response.end();
  }

  /** Streams the text in small pieces and each citation as soon as its place is reached; null when cut. */
  async #stream(id, script, question, send, response, isOpen) {
    const annotations = [];
    const pending = [...script.annotations];
    let sent = "";
    for (const delta of script.text.match(/[\s\S]{1,9}/g)) {
      if (!isOpen()) return null;
      sent += delta;
      send({
        type: "thread.item.updated",
        item_id: id,
        update: { type: "assistant_message.content_part.text_delta", content_index: 0, delta },
      });
      while (pending[0] && pending[0].index <= sent.length) {
        const annotation = pending.shift();
        send({
          type: "thread.item.updated",
          item_id: id,
          update: {
            type: "assistant_message.content_part.annotation_added",
            content_index: 0,
            annotation_index: annotations.length,
            annotation,
          },
        });
        annotations.push(annotation);
      }
      if (sent.length > 60 && this.#failsOnce("drop", question)) return (response.destroy(), null);
      if (sent.length > 60 && /slow/.test(question)) await this.#released();
      else await new Promise((resolve) => setTimeout(resolve, this.pace));
    }
    return { type: "output_text", text: script.text, annotations };
  }

  // ---- plain requests ----

  "on:threads.list"({ limit = 20, after }, response) {
    const all = [...this.#threads.values()].reverse();
    const start = after ? all.findIndex((thread) => thread.id === after) + 1 : 0;
    const data = all.slice(start, start + limit).map(shown);
    return json(response, 200, { data, has_more: start + limit < all.length });
  }

  "on:threads.get_by_id"({ thread_id }, response) {
    const thread = this.#threads.get(thread_id);
    if (!thread) return json(response, 404, { message: "This conversation is not there any more." });
    const data = thread.stored.slice(0, 20);
    return json(response, 200, { ...shown(thread), items: { data, has_more: thread.stored.length > 20 } });
  }

  "on:items.list"({ thread_id, limit, after }, response) {
    const { stored } = this.#threads.get(thread_id);
    const start = stored.findIndex((item) => item.id === after) + 1;
    return json(response, 200, { data: stored.slice(start, start + limit), has_more: start + limit < stored.length });
  }

  "on:threads.update"({ thread_id, title }, response) {
    const thread = this.#threads.get(thread_id);
    thread.title = title;
    return json(response, 200, shown(thread));
  }

  "on:threads.delete"({ thread_id }, response) {
    this.#threads.delete(thread_id);
    return json(response, 200, {});
  }

  "on:items.feedback"(_params, response) {
    return json(response, 200, {});
  }

  "on:threads.sync_custom_action"(_params, response) {
    return json(response, 200, {});
  }

  #released() {
    return new Promise((resolve) => this.#releases.push(resolve));
  }

  #failsOnce(word, question) {
    if (!question.includes(word) || this.#failures.has(question)) return false;
    this.#failures.set(question, true);
    return true;
  }

  #id(prefix) {
    this.#ids += 1;
    return `${prefix}_${String(this.#ids).padStart(8, "0")}`;
  }
}

function shown({ stored, ...thread }) {
  return { ...thread, items: { data: [], has_more: false } };
}

function now() {
  return new Date().toISOString();
}

async function text(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function json(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { origin } = await startScriptedGateway({ port: Number(process.argv[2] ?? 8077), pace: 25 });
  console.log(`Scripted gateway at ${origin}. It knows: ${Object.keys(ANSWERS).join(", ")}. Ctrl-C ends it.`);
}
