import { Fault } from "#events/fault.ts";
import type { Exchange, HttpAnswer, HttpTransport } from "#src/client/exchange.ts";

// Exchanges by `fetch`: in browsers and wherever else it is. Nothing of Node is needed, and nothing is asked before the
// first exchange.

export interface FetchEndpoint {
  /** E.g. `https://plans.example.org`. */
  readonly url: string;
  readonly token?: string;
}

export class FetchTransport implements HttpTransport {
  private readonly endpoint: FetchEndpoint;
  private readonly closing = new AbortController();

  constructor(endpoint: FetchEndpoint) {
    this.endpoint = endpoint;
  }

  async exchange({ method, path, body, headers = {}, signal }: Exchange): Promise<HttpAnswer> {
    const { url, token } = this.endpoint;
    const stopped = AbortSignal.any([signal, this.closing.signal]);
    const stop = new AbortController();
    const all = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    try {
      const response = await fetch(new URL(path, url), {
        method,
        headers: all,
        cache: "no-store",
        signal: AbortSignal.any([stopped, stop.signal]),
        ...(body === undefined ? {} : { body }),
      });
      return this.answer(response, stopped, stop);
    } catch (error) {
      throw stopped.aborted ? stopped.reason : this.unreachable(error);
    }
  }

  unreachable(cause: unknown): Fault<"unreachable"> {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new Fault("unreachable", `nobody answers at ${this.endpoint.url}: ${why}`, { retryable: true, cause });
  }

  [Symbol.dispose](): void {
    this.closing.abort(this.unreachable(new Error("this client was closed")));
  }

  private answer(response: Response, stopped: AbortSignal, stop: AbortController): HttpAnswer {
    return {
      status: response.status,
      contentType: response.headers.get("content-type") ?? "",
      bytes: () => chunks(response),
      text: () =>
        response.text().catch((error: unknown) => {
          throw stopped.aborted ? stopped.reason : this.unreachable(error);
        }),
      close: () => stop.abort(),
    };
  }
}

interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

/** Not every browser iterates a stream. */
async function* chunks({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader: ByteReader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return;
    yield value;
  }
}
