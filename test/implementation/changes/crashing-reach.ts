import type { Disk } from "#src/implementation/changes/disk.ts";
import { SYSTEM_REACH, type Reach } from "#src/implementation/changes/repository.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";

/** What a process that is gone does: nothing more. */
class Crash extends Error {}

interface CrashingReach extends Reach {
  /** Operations so far. */
  readonly count: () => number;
}

/**
 * Works as the system does until the `at`-th operation. With `crash` that one and all after it do nothing, as in a process that
 * was killed; `full` is a disk with no room: all that writes content fails from there on, and what else is done goes on.
 */
export function crashingReach(at: number, how: "crash" | "full" = "crash"): CrashingReach {
  let done = 0;
  const turn = (operation: string): void => {
    done += 1;
    if (done < at) return;
    if (how === "crash") throw new Crash(`crashed at ${operation}`);
    if (FILLING.has(operation))
      throw Object.assign(new Error(`ENOSPC: no space left, ${operation}`), { code: "ENOSPC" });
  };
  return { ...reachThat(turn), count: () => done };
}

/** The system, with a word before each of its operations. */
export function reachThat(turn: (operation: string) => void): Reach {
  const { disk: real, run } = SYSTEM_REACH;
  const disk: Disk = {
    entry: async (...given) => (turn("entry"), real.entry(...given)),
    list: async (...given) => (turn("list"), real.list(...given)),
    read: async (...given) => (turn("read"), real.read(...given)),
    readLink: async (...given) => (turn("readLink"), real.readLink(...given)),
    objectId: async (...given) => (turn("objectId"), real.objectId(...given)),
    create: async (...given) => (turn("create"), real.create(...given)),
    createLink: async (...given) => (turn("createLink"), real.createLink(...given)),
    addName: async (...given) => (turn("addName"), real.addName(...given)),
    makeDirectory: async (...given) => (turn("makeDirectory"), real.makeDirectory(...given)),
    rename: async (...given) => (turn("rename"), real.rename(...given)),
    unlink: async (...given) => (turn("unlink"), real.unlink(...given)),
    removeDirectory: async (...given) => (turn("removeDirectory"), real.removeDirectory(...given)),
    flush: async (...given) => (turn("flush"), real.flush(...given)),
  };
  return { disk, run: async (...given) => (turn("git"), run(...given)) };
}

/** Runs it in processes that are killed, each at one of so many first operations, at most `crashes` times. */
export async function crashed(
  random: SeededRandom,
  work: (reach: Reach) => Promise<unknown>,
  { crashes = 2, within = 160 }: { readonly crashes?: number; readonly within?: number } = {},
): Promise<void> {
  for (let number = 0; number < crashes; number++) {
    const reach = crashingReach(random.int(1, within));
    try {
      await work(reach);
      return;
    } catch (error) {
      // A process that is killed says nothing: what it would have said because nothing works any more is nothing.
      if (reach.count() < 1 || !isOfCrash(error)) throw error;
    }
  }
}

function isOfCrash(error: unknown): boolean {
  if (error instanceof SuppressedError) return isOfCrash(error.error) || isOfCrash(error.suppressed);
  return error instanceof Crash || (error instanceof Error && error.message.includes("crashed at"));
}

const FILLING = new Set(["create", "createLink", "makeDirectory", "addName"]);
