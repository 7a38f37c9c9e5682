import { answeringAnywhere, answeringHere } from "#src/api/call-handler.ts";
import type { Application } from "#src/api/application.ts";
import type { Calls } from "#src/ports/calls.ts";
import { endedAloud } from "#src/ports/slow-work.ts";
import type { Random } from "#src/ports/random.ts";
import { NatsCalls } from "#src/nats/calls.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { Intake } from "#src/nats/intake.ts";

// An application served over NATS: calls of programs and of other coordinators, and requests that wait in the intake.
//
// S1. Of all coordinators one answers a call. Where the plan is another's, that one's answer is handed on.
// S2. Ending takes no new calls first; those under way end as `stopping`, and their callers turn to another coordinator.

export interface NatsServingOptions {
  /** As the connection's. */
  readonly name: string;
  readonly random: Random;
  /** Whether requests of the intake are taken here. Default: they are. */
  readonly takesRequests?: boolean;
}

export interface NatsServing extends AsyncDisposable {
  /** To ask other coordinators. */
  readonly calls: Calls;
  /** Answers for a partition that is owned here, until it is disposed of. */
  serveOwner(partition: number): Promise<Disposable>;
}

/** Serves until it is disposed of, through all that happens to the connection. */
export async function serveNats(
  app: Application,
  connection: NatsConnection,
  { name, random, takesRequests = true }: NatsServingOptions,
): Promise<NatsServing> {
  await using opened = new AsyncDisposableStack();
  const calls = opened.use(new NatsCalls(connection, { name, random }));
  const anywhere = answeringAnywhere(app, { calls, clock: connection.clock });
  opened.use(await calls.serve("any", anywhere));
  const { clock, log } = connection;
  const end = endedAloud({ what: "requests of the intake have ended", clock, log });
  if (takesRequests) opened.adopt(new Intake(connection, anywhere), end);
  const closing = opened.move();
  return {
    calls,
    serveOwner: (partition) => calls.serve({ partition }, answeringHere(app)),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
