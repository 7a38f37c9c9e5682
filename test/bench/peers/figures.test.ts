import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { describe, expect, it, onTestFinished } from "vitest";
import { keptBytes } from "../../../bench/peers/kept-bytes.ts";
import { entriesOf, enter, type Entry } from "../../../bench/peers/ledger.ts";
import { Load } from "../../../bench/peers/load.ts";
import { quantile } from "../../../bench/quantile.ts";
import { judged } from "../../../bench/peers/recovery.ts";
import { PeakMemory, familyOf } from "../../../bench/peers/resident-memory.ts";

const TWENTIETH_S = 0.05;

describe("a stretch of load", () => {
  it("keeps as many workflows in flight as it is told to", async () => {
    let inFlight = 0;
    let most = 0;
    const load = new Load(TWENTIETH_S);
    await load.through(7, async (workflow) => {
      most = Math.max(most, ++inFlight);
      load.began(workflow, 0);
      await new Promise(setImmediate);
      inFlight--;
    });
    expect(most).toBe(7);
  });

  it("counts a step that begins again as repeated, and none that begins once", async () => {
    const load = new Load(TWENTIETH_S);
    const { steps, repeated } = await load.through(1, async (workflow) => {
      for (const index of [0, 1, 1, 2]) load.began(workflow, index);
      await new Promise(setImmediate);
    });
    expect(steps % 4).toBe(0);
    expect(repeated).toBe(steps / 4);
  });

  it("has no time of a step where no workflow came to its second one", async () => {
    const load = new Load(TWENTIETH_S);
    const figures = await load.through(1, async (workflow) => {
      load.began(workflow, 0);
      await new Promise(setImmediate);
    });
    expect(figures).toMatchObject({ stepMsP50: null, stepMsP99: null });
  });

  it("gives quantiles by nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile([4], 0.99), quantile([], 0.5)]).toEqual([
      50,
      99,
      4,
      null,
    ]);
  });
});

describe("an interrupted workflow", () => {
  const before = [began(0, 1), ended(0, 1), began(1, 1), ended(1, 1), began(2, 1)];

  it("has run its step in flight again, and nothing else", () => {
    const after = [began(2, 2, 730), ended(2, 2), began(3, 2), ended(3, 2)];
    const recovery = judged([...before, ...after], { pid: 2, startedAt: 500 });
    expect(recovery).toEqual({ goesOnMs: 230, inFlightAgain: 1, endedAgain: 0 });
  });

  it("is caught where steps that had ended run again", () => {
    const after = [began(0, 2, 700), ended(0, 2), began(1, 2), ended(1, 2), began(2, 2)];
    const recovery = judged([...before, ...after], { pid: 2, startedAt: 500 });
    expect(recovery).toEqual({ goesOnMs: 200, inFlightAgain: 1, endedAgain: 2 });
  });

  it("is told by its time where its steps run in a process that goes on", () => {
    const apart = [began(0, 1, 400), ended(0, 1, 420), began(1, 1, 430), ended(1, 1, 510), began(2, 1, 690)];
    const recovery = judged(apart, { pid: undefined, startedAt: 500 });
    expect(recovery).toEqual({ goesOnMs: 190, inFlightAgain: 0, endedAgain: 0 });
  });

  it("is read from its ledger alone", () => {
    const ledger = path.join(scratchFolder(), "ledger.jsonl");
    expect(entriesOf(ledger, "slow-1")).toEqual([]);
    enter(ledger, { workflow: "slow-1", index: 0, what: "began" });
    enter(ledger, { workflow: "slow-2", index: 0, what: "began" });
    expect(entriesOf(ledger, "slow-1")).toEqual([
      { workflow: "slow-1", index: 0, what: "began", pid: process.pid, at: expect.any(Number) },
    ]);
  });
});

describe("what a peer holds", () => {
  it("counts blocks on the disk, without the folders that are left out", () => {
    const folder = scratchFolder();
    mkdirSync(path.join(folder, "data/log"), { recursive: true });
    writeFileSync(path.join(folder, "data/rows"), "x".repeat(10_000));
    writeFileSync(path.join(folder, "data/log/segment"), "x".repeat(50_000));
    expect(keptBytes(folder, ["log"])).toBe(12_288);
    expect(keptBytes(folder, [])).toBe(12_288 + 53_248);
  });

  it("counts a process with all that it started, and no other", () => {
    expect(familyOf([process.ppid])).toEqual(expect.arrayContaining([process.ppid, process.pid]));
    expect(familyOf([process.pid])).not.toContain(process.ppid);
    using memory = new PeakMemory([process.pid]);
    expect(memory.mib).toBeGreaterThan(10);
  });
});

function began(index: number, pid: number, at = 0): Entry {
  return { workflow: "slow-1", index, what: "began", pid, at };
}

function ended(index: number, pid: number, at = 0): Entry {
  return { workflow: "slow-1", index, what: "ended", pid, at };
}

function scratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "planwright-peers-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
