// The thread that speaks for an executor whose loop stands still: a connection of its own, and one number of the loop.
import { workerData } from "node:worker_threads";
import { z } from "zod";
import { executorId } from "#events/ids.ts";
import { NatsBus } from "#src/nats/bus.ts";
import { connectNatsPatiently } from "#src/nats/connection.ts";
import { LoopWatch } from "#src/nats/pulse/loop-watch.ts";
import { natsSettings } from "#src/nats/settings.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";

const given = z.object({
  settings: natsSettings,
  name: z.string(),
  incarnation: z.string(),
  executor: executorId,
  beats: z.instanceof(Int32Array),
  patienceMs: z.number().positive(),
});

const { settings, name, incarnation, executor, beats, patienceMs } = given.parse(workerData);
const asked = { settings, name, clock: systemClock, log: SILENT };
const connection = await connectNatsPatiently(asked, new AbortController().signal);
const bus = new NatsBus(connection, { name, incarnation: `${incarnation}-held-up` });
const pulse = (): void => bus.toCoordinators({ kind: "alive", executor });
const watch = new LoopWatch({ clock: systemClock, beats: () => Atomics.load(beats, 0), pulse, patienceMs });
// It looks until its thread is ended.
watch.begin();
