import type { IncomingMessage, ServerResponse } from "node:http";
import type { JsonObject } from "#events/json.ts";
import type { Application } from "#src/api/application.ts";
import type { Guard } from "#src/http/guard.ts";
import type { CallHandler } from "#src/ports/calls.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";

/** What speaks a protocol of its own under a path of the door, to those whom the guard has admitted. */
export interface Guest {
  handle(exchange: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    /** Principal. */
    readonly actor: string;
    /** Of a POST. */
    readonly body: JsonObject | undefined;
    /** Aborted when the door closes. */
    readonly closing: AbortSignal;
  }): Promise<void>;
}

/** What stands behind an open port or socket. */
export interface Door {
  readonly app: Application;
  /** Answers also what another coordinator has to; default: what this process cannot answer is refused. */
  readonly anywhere?: CallHandler | undefined;
  /** The Model Context Protocol, at /mcp; default: nothing is there. */
  readonly mcp?: Guest | undefined;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the door closes: streams and waits end. */
  readonly closing: AbortSignal;
}
