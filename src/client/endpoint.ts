// Where a process is reached that serves the operations. Apart from the transport, whose declarations name Node's: a
// program that uses the library need not have those.

interface SocketEndpoint {
  /** Path of a local socket. */
  readonly socket: string;
}

interface UrlEndpoint {
  /** E.g. `http://127.0.0.1:4747`. */
  readonly url: string;
  readonly token?: string;
}

export type Endpoint = SocketEndpoint | UrlEndpoint;
