import { setTimeout as sleep } from "node:timers/promises";
import { SLOW_STEP_MS, STEPS_PER_WORKFLOW, slowWorkflow } from "./protocol.ts";
import { entriesOf, type Entry } from "./ledger.ts";
import type { Workplace } from "./workplace.ts";

// SIGKILL in the middle of a workflow of slow steps, and how the next process goes on with it.
//
// R1. Time runs from the start of the next process to the first beginning of a step of the interrupted workflow in it, by
//     the ledger: the start of the process and the opening of the engine are in it.
//     Where steps run in a process beside it that goes on, what begins after the kill begins because of the next process.
// R2. Steps run again are counted in the ledger: that in flight at the kill, and those that had ended and begin again.

const KILLED_IN_STEP = 4;
const LOOK_EVERY_MS = 10;
const GOES_ON_WITHIN_MS = 180_000;

export interface Recovery {
  readonly goesOnMs: number;
  /** Steps that began again and had not ended before the kill. */
  readonly inFlightAgain: number;
  /** Steps that began again though they had ended before the kill. */
  readonly endedAgain: number;
}

export async function recover(workplace: Workplace, number: number): Promise<Recovery> {
  const workflow = slowWorkflow(number);
  await using staffed = await workplace.open();
  await staffed.worker.begin(workflow);
  await until(workplace, workflow, (entries) => entries.some(({ index }) => index === KILLED_IN_STEP));
  await sleep(SLOW_STEP_MS / 2);
  await staffed.worker.kill();
  const startedAt = Date.now();
  const next = await staffed.again();
  await next.goOn(workflow);
  const entries = await until(workplace, workflow, (all) => {
    next.check();
    return all.some(({ index, what }) => index === STEPS_PER_WORKFLOW - 1 && what === "ended");
  });
  return judged(entries, { pid: workplace.peer.engine === "steps apart" ? undefined : next.pid, startedAt });
}

/** What the ledger of an interrupted workflow says of the process that went on with it; without a `pid`, of what came after. */
export function judged(
  entries: readonly Entry[],
  { pid, startedAt }: { readonly pid: number | undefined; readonly startedAt: number },
): Recovery {
  const isAfter = (entry: Entry): boolean => (pid === undefined ? entry.at >= startedAt : entry.pid === pid);
  const after = entries.filter((entry) => isAfter(entry) && entry.what === "began");
  const before = entries.filter((entry) => !isAfter(entry));
  const hadEnded = new Set(before.flatMap(({ index, what }) => (what === "ended" ? index : [])));
  const hadBegun = new Set(before.flatMap(({ index, what }) => (what === "began" ? index : [])));
  const first = after[0];
  if (first === undefined) throw new Error("no step began after the kill");
  return {
    goesOnMs: first.at - startedAt,
    inFlightAgain: after.filter(({ index }) => hadBegun.has(index) && !hadEnded.has(index)).length,
    endedAgain: after.filter(({ index }) => hadEnded.has(index)).length,
  };
}

async function until(
  { ledger, peer, signal }: Workplace,
  workflow: string,
  isThere: (entries: readonly Entry[]) => boolean,
): Promise<readonly Entry[]> {
  const deadline = performance.now() + GOES_ON_WITHIN_MS;
  for (;;) {
    const entries = entriesOf(ledger, workflow);
    if (isThere(entries)) return entries;
    if (performance.now() > deadline)
      throw new Error(`${peer.title} did not go on within ${GOES_ON_WITHIN_MS / 1000} s`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
