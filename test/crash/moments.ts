import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import type { Place } from "./place.ts";
import type { Program } from "./program.ts";

// When a process is killed: at moments that a seed chooses, among them those that a kill after some time seldom meets.

export const MOMENTS = ["start-up", "recovery", "load", "work", "move", "rollback", "checkpoint", "closing"] as const;
export type MomentName = (typeof MOMENTS)[number];

export interface Moment {
  readonly name: MomentName;
  /** Facts that the process prints before. */
  readonly facts: number;
  /** Waited after what the moment is named for, in milliseconds. */
  readonly laterMs: number;
}

const STARTS_WITHIN_MS = 600;
const RECOVERS_WITHIN_MS = 150;
const CLOSES_WITHIN_MS = 60;
const MAX_FACTS = 60;
const LOOK_EVERY_MS = 1;
/** More than a process needs for its first line, however busy the machine is. */
export const COMES_UP_WITHIN_MS = 15_000;
/** A load that has become quiet is killed as it is. */
const PATIENCE_MS = 1_500;
/** A change and a rollback come again within this time. */
const WORKS_WITHIN_MS = 6_000;

export function drawMoment(random: SeededRandom, drawn: readonly MomentName[]): Moment {
  const name = random.pick(drawn);
  const facts = name === "load" || name === "closing" ? random.int(3, MAX_FACTS) : 0;
  return { name, facts, laterMs: random.next() * LATER_MS[name] };
}

const LATER_MS: Readonly<Record<MomentName, number>> = {
  "start-up": STARTS_WITHIN_MS,
  recovery: RECOVERS_WITHIN_MS,
  load: 20,
  work: 3_000,
  move: 30,
  rollback: 200,
  checkpoint: 4,
  closing: CLOSES_WITHIN_MS,
};

/** Waits for the moment, then kills the process and all that it started. False: it had ended by itself. */
export async function killAt(
  moment: Moment,
  program: Program,
  { store, root }: Pick<Place, "store" | "root">,
): Promise<boolean> {
  const { name, facts, laterMs } = moment;
  if (name !== "start-up") await program.until(() => program.firstLineMs !== undefined, COMES_UP_WITHIN_MS);
  if (facts > 0) await program.until(() => program.facts >= facts, PATIENCE_MS);
  if (name === "checkpoint") await untilCheckpoint(program, store);
  if (name === "move") await untilMove(program, root);
  if (name === "rollback") await program.until(() => program.rollbacks > 0, WORKS_WITHIN_MS);
  if (name === "closing") program.kill("SIGTERM");
  await program.until(() => false, laterMs);
  const isAlive = !program.hasEnded;
  program.kill("SIGKILL");
  const { signal } = await program.ended;
  return isAlive && signal === "SIGKILL";
}

/** Resolves when the write-ahead log is just being moved into the file. */
async function untilCheckpoint(program: Program, store: string): Promise<void> {
  const file = path.join(store, "store.db");
  const writtenAt = (): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const before = writtenAt();
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (writtenAt() === before && !program.hasEnded && Date.now() < giveUpAt)
    await program.until(() => false, LOOK_EVERY_MS);
}

/** Resolves when files of a repository are just being exchanged: what is going to be done stands in a journal beside. */
async function untilMove(program: Program, root: string): Promise<void> {
  const giveUpAt = Date.now() + WORKS_WITHIN_MS;
  while (!program.hasEnded && Date.now() < giveUpAt && !isMoving(root)) await program.until(() => false, LOOK_EVERY_MS);
}

function isMoving(root: string): boolean {
  return namesIn(root).some((name) =>
    namesIn(path.join(root, name, ".git/planwright")).some((one) => one.startsWith("journal-")),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
