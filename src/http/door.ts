import type { Application } from "#src/api/application.ts";
import type { Guard } from "#src/http/guard.ts";
import type { CallHandler } from "#src/ports/calls.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";

/** What stands behind an open port or socket. */
export interface Door {
  readonly app: Application;
  /** Answers also what another coordinator has to; default: what this process cannot answer is refused. */
  readonly anywhere?: CallHandler | undefined;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the door closes: streams and waits end. */
  readonly closing: AbortSignal;
}
