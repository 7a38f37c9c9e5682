import type { Endpoint } from "#src/client/endpoint.ts";
import { httpClient, type HttpClient, type HttpClientOptions } from "#src/client/http-client.ts";
import { NodeTransport } from "#src/client/node-transport.ts";

export type RemoteClient = HttpClient;

/** The operations of a process that serves a local socket or HTTP, for programs of Node. */
export function remoteClient(endpoint: Endpoint, options: HttpClientOptions): RemoteClient {
  return httpClient(new NodeTransport(endpoint), options);
}
