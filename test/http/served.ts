// A store with an engine in this process, behind every door at once: in-process, the local socket, HTTP with a token and
// without, by Node and by `fetch`, calls, and NATS where a server is given. Its tools wait at gates that the test opens.
import path from "node:path";
import { z } from "zod";
import { answeringAnywhere } from "#src/api/call-handler.ts";
import type { Client } from "#src/api/client.ts";
import { MemoryCallNetwork } from "#src/calls/memory.ts";
import { calledClient } from "#src/client/called-client.ts";
import { connectHttp } from "#src/client/http.ts";
import { connectNats } from "#src/client/nats-client.ts";
import { remoteClient } from "#src/client/remote.ts";
import { openPlanwright, serveHttp, type Planwright } from "#src/compose.ts";
import { hashOfToken } from "#src/http/guard.ts";
import { serveNats } from "#src/nats/serving.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { defineTool, ToolFailure, type Tool, type ToolContext } from "#src/tools/define.ts";
import type { NatsServer } from "../nats/server.ts";
import { temporaryFolder } from "../store/folder.ts";

export const TOKEN = "a-token-that-only-the-test-knows";

export type DoorName = "in-process" | "socket" | "http" | "fetch" | "calls" | "nats";
/** Those that take no server. */
export const DOORS = ["in-process", "socket", "http", "fetch", "calls"] as const satisfies readonly DoorName[];

/** Where tools wait. */
export class Gates {
  private readonly gates = new Map<string, PromiseWithResolvers<string>>();
  /** Names of gates that a tool has come to, in order. */
  readonly reached: string[] = [];
  private readonly arrivals = new Set<() => void>();

  open(name: string): void {
    this.gate(name).resolve("open");
  }

  /** What comes to the gate fails. */
  fail(name: string): void {
    this.gate(name).resolve("broken");
  }

  /** The gate is new again. */
  close(name: string): void {
    this.gates.delete(name);
  }

  /** Resolves when a tool has come to the gate so many times. */
  async until(name: string, times = 1): Promise<void> {
    while (this.reached.filter((it) => it === name).length < times) {
      await new Promise<void>((resolve) => this.arrivals.add(resolve));
    }
  }

  async pass(name: string, { signal, progress }: ToolContext): Promise<string> {
    this.reached.push(name);
    progress({ percent: 50, message: `at ${name}` });
    for (const wake of this.arrivals) wake();
    this.arrivals.clear();
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
    const said = await Promise.race([this.gate(name).promise, stopped]);
    if (said === "broken") throw new ToolFailure("validation", `${name} is broken`);
    return `${name} passed`;
  }

  private gate(name: string): PromiseWithResolvers<string> {
    const gate = this.gates.get(name) ?? Promise.withResolvers<string>();
    this.gates.set(name, gate);
    return gate;
  }
}

export interface Served extends AsyncDisposable {
  readonly planwright: Planwright;
  readonly gates: Gates;
  readonly url: string;
  /** With `TOKEN`, for the principal `token:tester`. */
  readonly guardedUrl: string;
  readonly clients: Readonly<Record<(typeof DOORS)[number], Client>>;
  /** Where a server was given. */
  readonly overNats?: Client;
}

/** The principal of whoever asks by calls or over NATS. */
export const CALLER = "tester";

const ROLES = { reviewer: ["os:tester", "token:tester", `nats:${CALLER}`] };

export async function served(nats?: NatsServer): Promise<Served> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await temporaryFolder());
  const gates = new Gates();
  const store = path.join(folder.path, "store");
  const planwright = opened.use(
    await openPlanwright({ store, tools: gateTools(gates), actor: "os:tester", roles: ROLES }),
  );
  const { socket = "" } = planwright;
  const open = opened.use(await serveHttp(planwright));
  const tokens = new Map([[hashOfToken(TOKEN), "token:tester"]]);
  const guarded = opened.use(await serveHttp(planwright, { tokens }));
  const clients = {
    "in-process": planwright.client,
    socket: opened.use(remoteClient({ socket }, { clock: systemClock })),
    http: opened.use(remoteClient({ url: guarded.url, token: TOKEN }, { clock: systemClock })),
    fetch: opened.use(connectHttp({ url: guarded.url, token: TOKEN })),
    calls: await clientOverCalls(planwright),
  };
  const overNats = nats === undefined ? {} : { overNats: await clientOverNats(planwright, nats, opened) };
  const closing = opened.move();
  return {
    ...{ planwright, gates, clients, url: open.url, guardedUrl: guarded.url, ...overNats },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function clientOverCalls({ app }: Planwright): Promise<Client> {
  const network = new MemoryCallNetwork(systemClock);
  const [calls, asking] = [network.join(), network.join()];
  await calls.serve("any", answeringAnywhere(app, { calls, clock: systemClock }));
  return calledClient({ calls: asking, actor: `nats:${CALLER}`, clock: systemClock });
}

async function clientOverNats({ app }: Planwright, server: NatsServer, opened: AsyncDisposableStack): Promise<Client> {
  const name = "coordinator";
  const connection = opened.use(await server.connect({ name }));
  opened.use(await serveNats(app, connection, { name, random: systemRandom }));
  return opened.use(await connectNats({ servers: [server.url], principal: CALLER }));
}

function gateTools(gates: Gates): Tool[] {
  const shared = { version: "1.0.0", input: z.strictObject({ gate: z.string() }), output: z.string() };
  return [
    defineTool({
      ...shared,
      name: "gate.pass",
      description: "Waits at a gate; may run again.",
      sideEffects: "read",
      run: ({ gate }, context) => gates.pass(gate, context),
    }),
    defineTool({
      ...shared,
      name: "gate.once",
      description: "Waits at a gate; may not run twice.",
      sideEffects: "write",
      run: ({ gate }, context) => gates.pass(gate, context),
    }),
    defineTool({
      ...shared,
      name: "gate.final",
      description: "Waits at a gate; nothing takes it back.",
      sideEffects: "irreversible",
      run: ({ gate }, context) => gates.pass(gate, context),
    }),
  ];
}
