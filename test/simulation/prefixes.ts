import { World } from "#src/simulation/world.ts";
import { createMemoryContents, eventsAt, type MemoryContents } from "#src/store/memory/contents.ts";
import { Violation } from "./checkers/checker.ts";
import { MAX_STEPS, WholeRun } from "./whole-run.ts";

// A system that finds only the beginning of a log, cut anywhere, also inside of what was appended at once: from there every
// plan must go on to its end by the same rules, and nothing that a turn has recorded may rest on what it records behind it.

/** Resolves with the steps that it took. Rejects with a `Violation` that begins as that of the rule. */
export async function goOnFromPrefix(run: WholeRun, world: World): Promise<number> {
  const { contents, disk } = run.cluster;
  const length = world.random.int(1, contents.log.length);
  const [last] = eventsAt(contents.log.slice(length - 1, length));
  const other = new World(world.random.int(0, 2 ** 31), last === undefined ? {} : { startAt: last.origin.occurredAt });
  const prefix = new WholeRun(other, {
    maxFaultySteps: MAX_STEPS,
    before: {
      account: run.account,
      slots: run.slots,
      coordinators: run.cluster.coordinators,
      disk: { contents: beginningOf(contents, length), blobs: disk.twin(other) },
    },
  });
  try {
    await prefix.toTheEnd();
    return other.steps;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    world.note(`the first ${length} events go on by themselves:`);
    world.trace.push(...other.trace);
    throw new Violation(`${error.message}, when only the first ${length} events are left`, { cause: error });
  }
}

/** The log up to a position, without the caches beside it. */
function beginningOf({ log }: MemoryContents, length: number): MemoryContents {
  const beginning = createMemoryContents();
  for (const slot of log.slice(0, length)) {
    beginning.log.push(slot);
    const { stream } = slot.append;
    beginning.streams.set(stream, [...(beginning.streams.get(stream) ?? []), slot]);
  }
  return beginning;
}
