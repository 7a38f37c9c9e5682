import type { Application } from "#src/api/application.ts";
import type { Guard } from "#src/http/guard.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";

/** What stands behind an open port or socket. */
export interface Door {
  readonly app: Application;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the door closes: streams and waits end. */
  readonly closing: AbortSignal;
}
