import { cpSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordedEvent } from "#events/envelope.ts";
import { openReader } from "#src/compose.ts";
import { hasStore } from "#src/open-store.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";
import { execute, ROOT } from "./command.ts";
import { makeExamined } from "./examined.ts";

// `npm run examine` is killed with everything that it started, at a moment that a seed chooses: after so many lines about facts,
// and a little later. `resume` must end what was begun, and run nothing again whose success was on the disk.

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const MAX_FACT_LINES = 30;
const MAX_LATER_MS = 60;
const BEFORE_ANYTHING_MS = 900;
const SLOW_TEST_MS = 90_000;

let base: TemporaryFolder;
const killedInTheMiddle: number[] = [];

beforeAll(async () => {
  base = await temporaryFolder();
  makeExamined(path.join(base.path, "examined"));
});

afterAll(() => base[Symbol.asyncDispose]());

describe("a killed npm run examine", { concurrent: true, timeout: SLOW_TEST_MS }, () => {
  for (const seed of SEEDS) {
    it(`goes on with resume and repeats no durable success (seed ${seed})`, async () => {
      const place = placeFor(seed);
      const moment = momentOf(seed);
      await startAndKill(place, moment);
      const before = await eventsOf(place.store);
      const ranBefore = runsOf(place.ledger);

      const resumed = await execute(["npx", "planwright", "resume", "--plain", "--store", place.store], {
        cwd: ROOT,
        env: { PLANWRIGHT_EXAMPLE_LEDGER: place.ledger },
      });

      expect(resumed.code, resumed.stderr).toBe(0);
      const after = await eventsOf(place.store);
      if (before.length === 0 || isOver(before)) expect(resumed.stdout).toContain("nothing to resume");
      if (before.length > 0) expect(after.at(-1)?.type).toBe("PlanSucceeded");
      expectNothingRepeated(before, ranBefore, runsOf(place.ledger));
      if (before.length > 0 && !isOver(before)) killedInTheMiddle.push(seed);
    });
  }
});

describe("the seeds", () => {
  it("mostly hit between the first fact and the last", () => {
    expect(killedInTheMiddle.length).toBeGreaterThanOrEqual(SEEDS.length / 2);
  });
});

type Runs = ReadonlyMap<string, number>;

function expectNothingRepeated(before: readonly RecordedEvent[], ranBefore: Runs, ranAfter: Runs): void {
  for (const { step, attempt } of successesIn(before)) {
    expect(ranAfter.get(step), `${step} ran again`).toBe(ranBefore.get(step));
    if (attempt > 0) expect(ranBefore.get(step), `${step} ran`).toBeGreaterThan(0);
  }
}

interface Place {
  readonly examined: string;
  readonly store: string;
  readonly ledger: string;
}

function placeFor(seed: number): Place {
  const at = (name: string): string => path.join(base.path, `${seed}`, name);
  cpSync(path.join(base.path, "examined"), at("examined"), { recursive: true });
  return { examined: at("examined"), store: at("store"), ledger: at("ledger") };
}

interface Moment {
  readonly factLines: number;
  readonly laterMs: number;
}

/** The first seeds hit before anything is durable; the others spread over the whole run (multiplicative hashing). */
function momentOf(seed: number): Moment {
  const hashed = (Math.imul(seed, 0x9e3779b1) >>> 0) / 2 ** 32;
  if (seed <= 2) return { factLines: 0, laterMs: hashed * BEFORE_ANYTHING_MS };
  const factLines = 1 + ((seed * 7) % MAX_FACT_LINES);
  return { factLines, laterMs: hashed * MAX_LATER_MS };
}

async function startAndKill({ examined, store, ledger }: Place, { factLines, laterMs }: Moment): Promise<void> {
  const args = ["npm", "run", "examine", "--silent", "--", examined, "--store", store, "--plain"];
  let isAimed = false;
  await execute(args, {
    cwd: ROOT,
    env: { PLANWRIGHT_EXAMPLE_LEDGER: ledger },
    onStart: (child) => {
      if (factLines === 0) setTimeout(() => child.kill("SIGKILL"), laterMs);
    },
    onStderr: (text, child) => {
      if (isAimed || factLines === 0 || text.split("\n").length <= factLines) return;
      isAimed = true;
      setTimeout(() => child.kill("SIGKILL"), laterMs);
    },
  });
}

async function eventsOf(store: string): Promise<readonly RecordedEvent[]> {
  if (!hasStore({ store })) return [];
  await using reader = await openReader({ store });
  const [last] = await reader.plans.list({ limit: 1 });
  if (last === undefined) return [];
  return await Array.fromAsync(reader.plans.events(last.plan));
}

function isOver(events: readonly RecordedEvent[]): boolean {
  return events.at(-1)?.type === "PlanSucceeded";
}

interface Success {
  readonly step: string;
  /** 0 where nothing was run: a value. */
  readonly attempt: number;
}

function successesIn(events: readonly RecordedEvent[]): readonly Success[] {
  return events.filter(({ type }) => type === "StepSucceeded").map(({ data }) => data as unknown as Success);
}

/** Completed runs by step; a line is an idempotency key: plan, step, and which fallback. */
function runsOf(ledger: string): Runs {
  const lines = existsSync(ledger) ? readFileSync(ledger, "utf8").trim().split("\n") : [];
  const runs = new Map<string, number>();
  for (const line of lines) {
    const step = line.split("/")[1] ?? "";
    runs.set(step, (runs.get(step) ?? 0) + 1);
  }
  return runs;
}
