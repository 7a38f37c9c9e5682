import path from "node:path";
import { z } from "zod";
import { PARTITIONS } from "#events/streams.ts";
import { joinAsCoordinator } from "#src/cluster.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { openEngine } from "#src/compose.ts";
import type { Engine } from "#src/api/engine.ts";
import * as library from "#src/index.ts";
import { openStore } from "#src/open-store.ts";
import type { ClusterPlace } from "#src/ownership/cluster-place.ts";
import { SILENT } from "#src/ports/log.ts";
import { sequence, stepTool } from "../planwright/engine.ts";
import { isSlow, type Setting } from "../protocol.ts";
import { serve, type PeerEngine, type Step } from "../worker.ts";

// A coordinator as `planwright serve` is one, whose only executor is a process beside it. It owns every partition before it says
// that it is ready.

const args = z.object({ workflow: z.string(), index: z.int() });

await serve(open);

async function open({ folder, address }: Setting, step: Step): Promise<PeerEngine> {
  await using opened = new AsyncDisposableStack();
  const store = opened.use(await openStore({ store: path.join(folder, "store"), command: "bench" }));
  const { signal } = new AbortController();
  const joined = opened.use(await joinAsCoordinator({ nats: { servers: [address] }, log: SILENT, signal }));
  const tools = toolRegistry([stepTool(library, step)]);
  const { owning, place } = watched(joined.place);
  const engine = opened.use(await openEngine(store, { tools, root: folder }, { ...joined, place }));
  opened.use(counting(engine, step));
  const definition = sequence(library, tools);
  await owning;
  const closing = opened.move();
  return {
    run: async (workflow) => {
      const given = library.checkInputs(definition, { workflow });
      if (!given.ok) throw new Error("the inputs do not fit the plan");
      const state = await engine.settled(await engine.start(definition, given.inputs), signal);
      if (state.header.value !== "succeeded") throw new Error(`a plan ended as ${state.header.value}`);
    },
    // Whoever owns a plan goes on with it by itself.
    goOn: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Steps begin elsewhere: they are counted where they are dispatched, slow ones by themselves. */
function counting(engine: Engine, step: Step): Disposable {
  return engine.onFacts((_plan, facts) => {
    for (const { type, data } of facts) {
      const began =
        type === "StepDispatched" && "inline" in data.args ? args.safeParse(data.args.inline).data : undefined;
      if (began !== undefined && !isSlow(began.workflow)) void step(began.workflow, began.index);
    }
  });
}

/** `owning` resolves when the plans of every partition go on here. */
function watched(place: ClusterPlace): { readonly place: ClusterPlace; readonly owning: Promise<undefined> } {
  const { promise: owning, resolve } = Promise.withResolvers<undefined>();
  const owned = new Set<number>();
  const onOwned = (partition: number, isOwned: boolean): void => {
    place.onOwned?.(partition, isOwned);
    if (isOwned) owned.add(partition);
    if (owned.size === PARTITIONS) resolve(undefined);
  };
  return { place: { ...place, onOwned }, owning };
}
