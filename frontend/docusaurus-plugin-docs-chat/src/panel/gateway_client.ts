/** The wire to the gateway: streams, plain requests, the reader's identity, and failures as words for the reader. */

import { contextHeader } from "./context_header";
import { eventData } from "./event_stream";
import type { JsonRequest, PageContext, StreamEvent, StreamingRequest } from "./protocol";
import { say } from "./texts";

/** A failure in words a reader can use. `retryable` says whether asking again may help. */
export class GatewayError extends Error {
  constructor(
    message: string,
    readonly retryable: boolean,
  ) {
    super(message);
  }
}

/** Without a byte for this long the connection counts as lost; the gateway sends keep-alives far more often. */
const SILENCE_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 20_000;
const TOKEN_KEY = "docs-chat.reader";

export class GatewayClient {
  private readonly base: string;
  private readonly crossOrigin: boolean;
  /** A plain GET needs no preflight; with a token each new address would, so it is shown only once asked for. */
  private tokenNeeded = false;

  /**
   * @param endpoint Address of the gateway without `/chatkit`; empty means the page's own origin.
   * @param context Read again for each request, because the reader moves between pages.
   */
  constructor(
    endpoint: string,
    private readonly context: () => PageContext,
  ) {
    const address = new URL(endpoint || ".", endpoint ? location.href : location.origin);
    this.base = address.href.replace(/\/$/, "");
    this.crossOrigin = address.origin !== location.origin;
  }

  /** Streams the events of one turn. Ends normally only when the gateway ended the stream. */
  async *stream(request: StreamingRequest, abort: AbortController): AsyncGenerator<StreamEvent> {
    let silence = 0;
    const heard = () => {
      clearTimeout(silence);
      silence = window.setTimeout(() => abort.abort(new GatewayError(say("lost"), true)), SILENCE_TIMEOUT_MS);
    };
    heard();
    let failure = say("unreachable");
    try {
      const response = await this.post(request, abort.signal);
      failure = say("lost");
      if (!response.headers.get("content-type")?.startsWith("text/event-stream") || !response.body) {
        throw new GatewayError(say("unexpected"), true);
      }
      for await (const data of eventData(response.body, heard)) yield JSON.parse(data) as StreamEvent;
    } catch (error) {
      throw asGatewayError(error, abort.signal, failure);
    } finally {
      clearTimeout(silence);
    }
  }

  /** Sends one request that is answered by one object. */
  async request<T>(request: JsonRequest): Promise<T> {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    try {
      const response = await this.post(request, signal);
      return (await response.json()) as T;
    } catch (error) {
      throw asGatewayError(error, signal, say("unreachable"));
    }
  }

  /** GETs one object. Who reads is told only to a gateway that asks for it. */
  async get(path: string, abort: AbortController): Promise<unknown> {
    const patience = setTimeout(() => abort.abort(new GatewayError(say("unreachable"), true)), REQUEST_TIMEOUT_MS);
    try {
      let response = await this.getOnce(path, abort.signal);
      if (response.status === 401) {
        if (this.tokenNeeded) forgetToken(this.base);
        this.tokenNeeded = true;
        response = await this.getOnce(path, abort.signal);
      }
      if (!response.ok) throw await failureOf(response);
      return await response.json();
    } catch (error) {
      throw asGatewayError(error, abort.signal, say("unreachable"));
    } finally {
      clearTimeout(patience);
    }
  }

  /** Address of the ChatKit endpoint. */
  get url(): string {
    return `${this.base}/chatkit`;
  }

  /** POSTs as this reader and from this page; a token that the gateway no longer knows is replaced once. */
  async fetchAsReader(init: RequestInit, url = this.url): Promise<Response> {
    const response = await this.send(init, url);
    if (response.status !== 401 || !this.crossOrigin) return response;
    forgetToken(this.base);
    return this.send(init, url);
  }

  /** Calls another door of the gateway as this reader. */
  async call(method: "GET" | "POST", path: string): Promise<Response> {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    try {
      const response = await this.fetchAsReader({ method, signal }, this.base + path);
      if (!response.ok) throw await failureOf(response);
      return response;
    } catch (error) {
      throw asGatewayError(error, signal, say("unreachable"));
    }
  }

  private async post(request: StreamingRequest | JsonRequest, signal: AbortSignal): Promise<Response> {
    const headers = { "Content-Type": "application/json" };
    const response = await this.fetchAsReader({ headers, body: JSON.stringify(request), signal });
    if (!response.ok) throw await failureOf(response);
    return response;
  }

  private async send(init: RequestInit, url: string): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("X-Docs-Chat-Context", contextHeader(this.context()));
    // A third-party cookie would be dropped by most browsers, so another origin gets a token in a header instead.
    if (this.crossOrigin) headers.set("X-Docs-Chat-Reader", await this.readerToken(init.signal));
    const credentials = this.crossOrigin ? "omit" : "same-origin";
    return fetch(url, { method: "POST", ...init, credentials, headers });
  }

  private async getOnce(path: string, signal: AbortSignal): Promise<Response> {
    const headers = new Headers();
    if (this.tokenNeeded) headers.set("X-Docs-Chat-Reader", await this.readerToken(signal));
    const credentials = this.crossOrigin ? "omit" : "same-origin";
    return fetch(this.base + path, { credentials, headers, signal });
  }

  private async readerToken(signal: AbortSignal | null | undefined): Promise<string> {
    const known = readToken(this.base);
    if (known) return known;
    const init: RequestInit = { method: "POST", credentials: "omit", signal: signal ?? null };
    const response = await fetch(`${this.base}/v1/readers`, init);
    if (!response.ok) throw await failureOf(response);
    const { token } = (await response.json()) as { token: string };
    writeToken(this.base, token);
    return token;
  }
}

function asGatewayError(error: unknown, signal: AbortSignal, otherwise: string): unknown {
  if (error instanceof GatewayError) return error;
  if (signal.aborted) {
    const reason: unknown = signal.reason;
    if (reason instanceof GatewayError) return reason;
    return (reason as Error | undefined)?.name === "TimeoutError" ? new GatewayError(otherwise, true) : error;
  }
  if (error instanceof SyntaxError) return new GatewayError(say("unexpected"), true);
  return new GatewayError(otherwise, true);
}

/** Turns a refusal into words: the gateway's own `message` where it wrote one. */
async function failureOf(response: Response): Promise<GatewayError> {
  const body = (await response.json().catch(() => ({}))) as { message?: unknown };
  const said = typeof body.message === "string" ? body.message : "";
  if (response.status === 429) {
    const seconds = Number(response.headers.get("retry-after"));
    const wait = seconds > 0 ? say("tooManyFor", { seconds: Math.ceil(seconds) }) : say("tooMany");
    return new GatewayError(said || wait, true);
  }
  if (response.status >= 500) return new GatewayError(said || say("unreachable"), true);
  return new GatewayError(said || say("refused", { status: response.status }), false);
}

// Storage may be forbidden (private mode, sandboxed frames); the reader is then new on each page.
function readToken(base: string): string | null {
  try {
    return localStorage.getItem(`${TOKEN_KEY}:${base}`);
  } catch {
    return null;
  }
}

function writeToken(base: string, token: string): void {
  try {
    localStorage.setItem(`${TOKEN_KEY}:${base}`, token);
  } catch {
    // See readToken.
  }
}

function forgetToken(base: string): void {
  try {
    localStorage.removeItem(`${TOKEN_KEY}:${base}`);
  } catch {
    // See readToken.
  }
}
