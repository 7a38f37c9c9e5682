import path from "node:path";
import { Engine } from "#src/api/engine.ts";
import { PlanReader } from "#src/api/plan-reader.ts";
import { memoryBlobs, type BlobContents } from "#src/blobs/memory.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { DEFAULT_SLOTS } from "#src/compose.ts";
import { limitsFrom, type DeclaredLimits } from "#src/config/limits.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { memorySecrets } from "#src/secrets/memory.ts";
import { secretsFrom } from "#src/secrets/source.ts";
import { createMemoryContents } from "#src/store/memory/contents.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import type { VirtualClock } from "#src/testing/virtual-clock.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// The real engine over the twins in memory: what `compose.ts` builds, with nothing outside of the process.
// Its ids and delays come from one seed, so that a run repeats.

export interface EngineSurroundings {
  /** Directory that the fs, shell and git tools stay inside. Default: the current one. */
  readonly root?: string;
  readonly allowPrivateNetwork?: boolean;
  /** Values by name. Default: none. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What plans may take together of pools, concurrency keys and resources. Default: each key one at a time. */
  readonly limits?: DeclaredLimits;
  /** Attempts that run at once. */
  readonly slots?: number;
  /** Principal of what is asked. Default: `os:tester`. */
  readonly actor?: string;
  readonly log?: Log;
  /** Another seed draws other ids and other delays. Default: 1. */
  readonly seed?: number;
}

export interface MemoryEngine {
  readonly engine: Engine;
  /** Reads what the engine has written, also after it was closed and without its clock. */
  reader(): PlanReader;
}

export async function openMemoryEngine(
  clock: VirtualClock,
  { tools, ...around }: EngineSurroundings & { readonly tools: ToolRegistry },
): Promise<MemoryEngine> {
  const { root = ".", allowPrivateNetwork = false, slots = DEFAULT_SLOTS, actor = "os:tester", log = SILENT } = around;
  const contents = createMemoryContents();
  const blobs: BlobContents = new Map();
  const { events, snapshots, views } = openMemory({ clock, contents });
  const engine = await clock.answer(
    Engine.open({
      events,
      snapshots,
      views,
      blobs: memoryBlobs(blobs, clock),
      bus: new MemoryBus(log),
      clock,
      random: new SeededRandom(around.seed ?? 1),
      log,
      tools,
      roots: { fs: path.resolve(root), allowPrivateNetwork },
      secrets: secretsFrom(memorySecrets(new Map(Object.entries(around.secrets ?? {})))),
      limits: limitsFrom(around.limits),
      slots,
      actor,
    }),
  );
  const reader = (): PlanReader =>
    new PlanReader({ ...openMemory({ clock: systemClock, contents }), blobs: memoryBlobs(blobs) });
  return { engine, reader };
}
