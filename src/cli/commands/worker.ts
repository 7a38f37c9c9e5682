import { Fault } from "#events/fault.ts";
import { workshopOf } from "#src/compose.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { engineGrants, grantsOf, type GrantFlags } from "#src/cli/grants.ts";
import { untilAborted, watchInterruption } from "#src/cli/interrupt.ts";
import { aloud, commandLog } from "#src/cli/log.ts";
import { openTools } from "#src/cli/open-tools.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural } from "#src/cli/text.ts";
import type { StoreOptions } from "#src/open-store.ts";
import type { NatsSettings } from "#src/nats/settings.ts";

// `worker`: runs steps for the coordinators of an installation, over NATS. It knows no store and no plan: it lends slots, runs
// tools, and keeps each report until a coordinator says that it is durable.
//
// W1. Told to end, it takes nothing more, and ends when what it runs has ended. Told again, it ends at once: what it ran is
//     then lost, as when a machine fails.

export interface WorkerFlags extends GrantFlags {
  readonly pool?: string;
  /** Milliseconds. */
  readonly stuckAfter?: number;
  readonly json?: boolean;
}

/** Faults: `nats-not-configured`, and those of grants, tools and NATS that trying again cannot help. */
export async function worker(flags: WorkerFlags, terminal: Terminal): Promise<ExitCode> {
  const nats = natsOf(flags);
  const grants = grantsOf(flags);
  const { slots } = grants;
  using interruption = watchInterruption("its steps are lost, and run again elsewhere where they may");
  const { signal } = interruption;
  const tell = (line: string): void => terminal.err(line);
  await using opened = await openTools(grants.tools, {
    configuration: flags.configuration,
    tell,
    signal,
    store: besideOf(flags),
  });
  const { tools } = opened;
  const workshop = workshopOf({ ...engineGrants(grants), tools });
  const { joinAsWorker } = await import("#src/cluster.ts");
  const log = aloud(await commandLog(), tell);
  const say = speaker(terminal, flags);
  say({ kind: "joining", servers: nats.servers }, `joining over ${nats.servers.join(", ")}`);
  const { pool: only, stuckAfter: patienceMs } = flags;
  await using joined = await joinAsWorker({ ...workshop, nats, log, signal, slots, pool: only, patienceMs });
  const pool = flags.pool === undefined ? "every pool" : `the pool ${flags.pool}`;
  const text = `${joined.id} lends ${plural(slots, "slot")} to ${pool}; Ctrl-C lets what runs finish and ends`;
  say({ kind: "working", worker: joined.id, slots, pool: flags.pool ?? null }, text);
  await untilAborted(signal);
  say({ kind: "draining" }, "taking nothing more; what runs may finish, Ctrl-C again ends at once");
  await joined.drained();
  say({ kind: "drained" }, "everything is reported");
  return EXIT.ok;
}

type Say = (line: Readonly<Record<string, unknown>>, text: string) => void;

function speaker(terminal: Terminal, { json }: WorkerFlags): Say {
  return (line, text) => terminal.out(json === true ? JSON.stringify(line) : text);
}

/** It has no store of its own, and keeps what it says to models where a store of this machine would be. */
function besideOf({ configuration }: GrantFlags): StoreOptions {
  const { local } = configuration?.settings ?? {};
  return local === undefined ? {} : { store: local };
}

/** Fault: `nats-not-configured`. */
function natsOf({ configuration }: GrantFlags): NatsSettings {
  const nats = configuration?.settings.nats;
  if (nats !== undefined) return nats;
  throw new Fault("nats-not-configured", "a worker speaks to coordinators over NATS, and no configuration names it");
}
