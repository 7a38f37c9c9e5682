import type { Fault } from "#events/fault.ts";

/** One question over HTTP. */
export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Its answer goes on: it takes no question's turn. */
  readonly isStream?: boolean;
}

/** The head of an answer, and its body, which is taken once. */
export interface HttpAnswer {
  readonly status: number;
  /** Empty where the answer does not say it. */
  readonly contentType: string;
  bytes(): AsyncIterable<Uint8Array>;
  /** The whole body. Fault: `unreachable`; or the signal's reason. */
  text(): Promise<string>;
  /** Nothing more is taken. */
  close(): void;
}

/**
 * How questions get to a process that serves: over its local socket or TCP by Node, by `fetch` elsewhere. What keeps an
 * exchange from coming about is the fault `unreachable`; details say `unheard` where not even a connection came about.
 */
export interface HttpTransport extends Disposable {
  /** Fault: `unreachable`; or the signal's reason. */
  exchange(exchange: Exchange): Promise<HttpAnswer>;
  unreachable(cause: unknown): Fault<"unreachable">;
}
