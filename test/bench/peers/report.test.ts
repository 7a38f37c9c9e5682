import { describe, expect, it } from "vitest";
import { check } from "prettier";
import { verdicts } from "../../../bench/peers/goal.ts";
import type { Measured, Stretch } from "../../../bench/peers/measure.ts";
import type { Occasion, Outcome } from "../../../bench/peers/outcome.ts";
import type { Peer } from "../../../bench/peers/peer.ts";
import { PEERS } from "../../../bench/peers/peers.ts";
import { report } from "../../../bench/peers/report.ts";

describe("the goal", () => {
  it("is held against the best peer at each number in flight, and against the slowest kill", () => {
    const said = verdicts([
      measured("planwright", { alone: 2400, together: 12_000, goesOnMs: [700, 2100] }),
      measured("dbos", { alone: 300, together: 900, goesOnMs: [500] }),
      measured("restate", { alone: 250, together: 2000, goesOnMs: [500] }),
    ]);
    expect(said.map(({ isMet }) => isMet)).toEqual([true, false, false]);
    expect(said.map(({ said: words }) => words)).toEqual([
      "2,400 against 300 steps/s of DBOS: 8.0 ×",
      "12,000 against 2,000 steps/s of Restate: 6.0 ×",
      "2,100 ms at the slowest of 2 kills, 1,400 ms at the median",
    ]);
  });

  it("is not judged without a peer to be held against", () => {
    expect(verdicts([measured("planwright", { alone: 2400, together: 12_000, goesOnMs: [] })])).toEqual([]);
    expect(verdicts([measured("dbos", { alone: 1, together: 1, goesOnMs: [1] })])).toEqual([]);
  });
});

describe("the report", () => {
  const outcomes: Outcome[] = [
    measured("planwright", { alone: 2400, together: 12_000, goesOnMs: [700] }),
    measured("dbos", { alone: 300, together: 900, goesOnMs: [500] }),
    {
      kind: "skipped",
      peer: peerOf("bullmq"),
      versions: [],
      missing: "redis-server",
      install: "apt-get install redis-server",
    },
    {
      kind: "failed",
      peer: peerOf("effect"),
      versions: [],
      reason: "it would not open /some/path/file\nat /some/path",
    },
  ];

  it("says machine, disk and command, a row a peer and number in flight, and who is not there and why", async () => {
    const text = await report(OCCASION, outcomes);
    expect(text).toContain("npm run bench:peers -- --seconds 10 --kills 1 --report FILE");
    expect(text).toContain("2 cores (a processor), 24 GiB, Linux 6, Node v24.0.0");
    expect(text).toContain("1,000 synced appends/s");
    expect(text).toMatch(/\| DBOS +\| in process +\| 50 +\| +90\.0 \| +900 \|/);
    expect(text).toContain("- BullMQ: skipped, redis-server is missing; `apt-get install redis-server` installs it");
    expect(text).toContain("- Effect workflow: failed, it would not open –\n");
    expect(text).not.toContain("/some");
  });

  it("is formatted as the repository's pages are", async () => {
    expect(await check(await report(OCCASION, outcomes), { parser: "markdown", printWidth: 120 })).toBe(true);
  });
});

const OCCASION: Occasion = {
  cores: 2,
  cpu: "a processor",
  memoryGib: 24,
  system: "Linux 6",
  node: "v24.0.0",
  date: "2026-11-26",
  seconds: 10,
  kills: 1,
  commitsPerS: 1000,
  groupedPerS: 20_000,
};

interface Speeds {
  readonly alone: number;
  readonly together: number;
  readonly goesOnMs: readonly number[];
}

function measured(name: string, { alone, together, goesOnMs }: Speeds): Outcome {
  const recoveries = goesOnMs.map((ms) => ({ goesOnMs: ms, inFlightAgain: 1, endedAgain: 0 }));
  const stretches = [stretch(1, alone), stretch(50, together)];
  const figures: Measured = { stretches, bytesPerStep: 900, recoveries, loadBefore: 0.1 };
  return { kind: "measured", peer: peerOf(name), versions: ["some 1.0.0"], measured: figures };
}

function stretch(inFlight: number, stepsPerS: number): Stretch {
  const figures = { workflowsPerS: stepsPerS / 10, stepsPerS, stepMsP50: 1, stepMsP99: 2, steps: 1, repeated: 0 };
  return { ...figures, inFlight, rawPerS: 4000, peakMib: 100 };
}

function peerOf(name: string): Peer {
  return PEERS.find((peer) => peer.name === name)!;
}
