import { FetchTransport, type FetchEndpoint } from "#src/client/fetch-transport.ts";
import { httpClient, type HttpClient } from "#src/client/http-client.ts";
import { systemClock } from "#src/ports/system/clock.ts";

export interface HttpConnectOptions extends FetchEndpoint {
  /** How long a stream tries to come back. Default: 10 s. */
  readonly patienceMs?: number;
}

/** The operations of a process that serves HTTP, in browsers and in Node. Nothing is asked before the first call. */
export function connectHttp({ url, token, patienceMs }: HttpConnectOptions): HttpClient {
  const transport = new FetchTransport({ url, ...(token === undefined ? {} : { token }) });
  return httpClient(transport, { clock: systemClock, ...(patienceMs === undefined ? {} : { patienceMs }) });
}
