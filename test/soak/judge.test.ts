import { describe, expect, it } from "vitest";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { judge, isSound } from "./judge/judge.ts";
import type { SoakRecord } from "./measured/record.ts";

// The judge is shown runs that were never run: one that is flat but noisy, and the same with something planted in it, which it
// alone must name.

const MIB = 2 ** 20;
const RUN_MINUTES = 20;
const EVERY_MS = 2_000;
const MS_PER_MINUTE = 60_000;
const CALM = { fromMs: 5 * MS_PER_MINUTE, toMs: 15 * MS_PER_MINUTE };
const STEPS_A_SECOND = 18;
const PLANS_A_SECOND = 4;

/** What is added for each minute since the process that lives on was started, but for what names its own unit. */
interface Planted {
  readonly rssMiB?: number;
  readonly heapBytesAPlan?: number;
  readonly descriptors?: number;
  readonly threads?: number;
  readonly timers?: number;
  /** Milliseconds of processor time more a step. */
  readonly cpuMs?: number;
  readonly latencyMs?: number;
  /** Share of steps less. */
  readonly steps?: number;
  /** Bytes a step more. */
  readonly stepBytes?: number;
  readonly walMiB?: number;
  readonly goingOnMs?: number;
  readonly held?: number;
}

function runWith(planted: Planted = {}): SoakRecord {
  const random = new SeededRandom(7);
  const noise = (size: number): number => (random.next() - 0.5) * 2 * size;
  const times = Array.from({ length: (RUN_MINUTES * MS_PER_MINUTE) / EVERY_MS }, (_, index) => index * EVERY_MS);
  const done = { steps: 0, cpuMs: 0, database: 0, minutes: 0 };
  const samples = times.map((atMs): SoakRecord["samples"][number] => {
    const minutes = Math.max(0, (Math.min(atMs, CALM.toMs) - CALM.fromMs) / MS_PER_MINUTE);
    const steps = (STEPS_A_SECOND * EVERY_MS * (1 - minutes * (planted.steps ?? 0))) / 1_000;
    done.steps += steps;
    done.cpuMs += steps * (9 + minutes * (planted.cpuMs ?? 0) + noise(1));
    done.database += steps * (8_000 + (atMs / MS_PER_MINUTE) * (planted.stepBytes ?? 0));
    return {
      atMs,
      stretch: atMs < CALM.fromMs ? "kills" : atMs < CALM.toMs ? "calm" : "kills again",
      vitals: {
        rssBytes: (180 + noise(12) + minutes * (planted.rssMiB ?? 0)) * MIB,
        descriptors: Math.round(54 + noise(5) + minutes * (planted.descriptors ?? 0)),
        threads: Math.round(13 + noise(1) + minutes * (planted.threads ?? 0)),
        cpuMs: done.cpuMs,
      },
      disk: {
        // The file grows by what was copied at once.
        database: Math.floor(done.database / (4 * MIB)) * 4 * MIB,
        wal: (4 + noise(4) + minutes * (planted.walMiB ?? 0)) * MIB,
        blobs: done.steps * 1_000,
      },
      plans: Math.round((atMs / 1_000) * PLANS_A_SECOND),
      steps: Math.round(done.steps),
    };
  });
  const calm = samples.filter(({ stretch }) => stretch === "calm");
  return {
    samples,
    memory: calm
      .filter((_, index) => index % 8 === 0)
      .map(({ atMs, plans }) => ({
        ...{ atMs, plans, liveBytes: 44 * MIB + noise(0.7 * MIB) + plans * (1_500 + (planted.heapBytesAPlan ?? 0)) },
        resources: {
          Timeout: Math.round(6 + noise(3) + ((atMs - CALM.fromMs) / MS_PER_MINUTE) * (planted.timers ?? 0)),
          // Work that is under way says nothing, however much it is.
          Immediate: Math.round(atMs / 10_000),
        },
      })),
    latencies: calm.map(({ atMs }) => ({
      atMs,
      ms: 70 + noise(20) + ((atMs - CALM.fromMs) / MS_PER_MINUTE) * (planted.latencyMs ?? 0),
    })),
    deaths: Array.from({ length: 40 }, (_, index) => ({
      ...{ atMs: index * EVERY_MS, moment: "load", queuedMs: 1_500 },
      goingOnMs: 2_400 + noise(200) + index * (planted.goingOnMs ?? 0),
    })),
    subscribers: [],
    calm: CALM,
    held: planted.held ?? 0,
    totals: { plans: 4_800, facts: 60_000, steps: 20_000, answers: 7_000, effects: 14_000 },
    broken: [],
  };
}

const failedOf = (record: SoakRecord): readonly string[] =>
  judge(record)
    .filter(({ holds }) => holds === false)
    .map(({ claim }) => claim);

describe("the judge of a soak", () => {
  it("finds nothing in a run that is flat, however noisy", () => {
    const verdicts = judge(runWith());
    expect(verdicts.map(({ holds }) => holds)).toEqual(verdicts.map(() => true));
    expect(isSound(runWith(), verdicts)).toBe(true);
  });

  const LEAKS: readonly (readonly [string, Planted])[] = [
    ["nothing of plans that ended stays on the heap", { heapBytesAPlan: 6 * 1_024 }],
    ["resident memory is flat", { rssMiB: 4 }],
    ["open files and sockets are flat", { descriptors: 1 }],
    ["threads are flat", { threads: 1 }],
    ["timers, pipes and connections are flat", { timers: 1 }],
    ["the store grows with what is done", { stepBytes: 1_500 }],
    ["the write-ahead log is used again", { walMiB: 4 }],
    ["as many steps a second as at the beginning", { steps: 0.03 }],
    ["a step costs no more processor time", { cpuMs: 2 }],
    ["a plan takes no longer", { latencyMs: 100 }],
    ["after a kill it goes on at once", { goingOnMs: 40 }],
    ["the load was constant", { held: 1 }],
  ];

  it.each(LEAKS)("finds that it is not so: %s", (claim, planted) => {
    expect(failedOf(runWith(planted))).toEqual([claim]);
  });

  it("plants something for each of its claims", () => {
    expect(LEAKS.map(([claim]) => claim)).toEqual(judge(runWith()).map(({ claim }) => claim));
  });

  it("is not misled by a quarter of the measurements, whatever they are", () => {
    const { samples, ...record } = runWith();
    const spoilt = samples.map((sample, index) =>
      index % 4 === 0 && sample.vitals !== undefined
        ? { ...sample, vitals: { ...sample.vitals, rssBytes: 900 * MIB + index * MIB } }
        : sample,
    );
    expect(failedOf({ ...record, samples: spoilt })).toEqual([]);
  });

  it("says nothing of memory where one process has lived for two minutes only", () => {
    const calm = { fromMs: CALM.fromMs, toMs: CALM.fromMs + 2 * MS_PER_MINUTE };
    const verdicts = judge({ ...runWith({ rssMiB: 100 }), calm });
    expect(verdicts.find(({ claim }) => claim === "resident memory is flat")?.holds).toBeUndefined();
  });

  it("does not call sound what was broken", () => {
    const record = { ...runWith(), broken: ["facts: a fact is gone"] };
    expect(isSound(record, judge(record))).toBe(false);
  });
});
