// Planwright in this process, served over NATS, as often as a test needs one.
import path from "node:path";
import { openPlanwright, type Planwright } from "#src/compose.ts";
import { connectNats, type NatsClient, type NatsClientOptions } from "#src/client/nats-client.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { serveNats, type NatsServing } from "#src/nats/serving.ts";
import type { Log } from "#src/ports/log.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import type { NatsServer } from "./server.ts";

export interface Coordinator extends AsyncDisposable {
  readonly planwright: Planwright;
  readonly serving: NatsServing;
  readonly connection: NatsConnection;
}

/** With its store in the server's folder: the next one goes on with it. */
export async function coordinator(server: NatsServer, log: Log = SILENT): Promise<Coordinator> {
  await using opened = new AsyncDisposableStack();
  const store = path.join(server.folder.path, "planwright");
  const planwright = opened.use(await openPlanwright({ store, actor: "os:tester", socket: false }));
  const name = "coordinator";
  const connection = opened.use(await server.connect({ name, log }));
  const serving = opened.use(await serveNats(planwright.app, connection, { name, random: systemRandom }));
  const closing = opened.move();
  return { planwright, serving, connection, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

export function agent(server: NatsServer, options: Partial<NatsClientOptions> = {}): Promise<NatsClient> {
  return connectNats({ servers: [server.url], principal: "agent", ...options });
}
