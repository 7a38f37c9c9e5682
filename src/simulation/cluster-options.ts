import type { Batch } from "#events/envelope.ts";
import type { ExecutorOptions } from "#src/executor/executor.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { RuntimeHooks } from "#src/runtime/context.ts";
import type { BlobDisk } from "#src/simulation/blob-disk.ts";
import type { FaultRates } from "#src/simulation/fault-rates.ts";
import type { Labour } from "#src/simulation/labour.ts";
import type { Process } from "#src/simulation/process.ts";
import type { World } from "#src/simulation/world.ts";
import type { MemoryContents } from "#src/store/memory/contents.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// What a simulated cluster is asked to be: how many processes of what kind, over what disk, with which tools and limits, and how
// often what goes wrong.

export interface ClusterOptions {
  readonly world: World;
  readonly rates: FaultRates;
  /** The tools of an executor's process. */
  readonly toolsOf: (executor: Process) => ToolRegistry;
  readonly executors: number;
  /** Default: one, which has the log for itself. */
  readonly coordinators?: number;
  /** One coordinator shares the log as well, with others that may come. */
  readonly isShared?: boolean;
  /** Of each executor. */
  readonly slots: number;
  readonly limits: Limits;
  readonly hooks: RuntimeHooks;
  /** What tools may touch; default: nothing. */
  readonly surroundings?: Pick<ExecutorOptions, "roots" | "secrets">;
  readonly onAppend?: (batch: Batch) => void;
  /** What the work of coordinators costs them; default: it takes no time. */
  readonly labour?: Labour;
  /** What there is already; default: nothing. */
  readonly disk?: Disk;
}

/** What outlives every process. */
export interface Disk {
  readonly contents: MemoryContents;
  readonly blobs: BlobDisk;
}
