import { describe, expect, it } from "vitest";
import { CellBench, isAlive } from "./cell-bench.ts";

// Cells that are kept for a next attempt, and what ends them.

const IDLE_MS = 10_000;

interface Where {
  readonly pid: number;
  readonly runs: number;
}

async function where(bench: CellBench, isolate: "thread" | "process" = "process"): Promise<Where> {
  const outcome = await bench.run("cell.where", isolate).outcome;
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.output as unknown as Where;
}

describe("a cell", () => {
  it.each(["thread", "process"] as const)("that is a %s is used again after a clean attempt", async (isolate) => {
    await using bench = new CellBench();
    const first = await where(bench, isolate);
    await bench.run("cell.fails", isolate).outcome;
    expect(await where(bench, isolate)).toEqual({ ...first, runs: 2 });
  });

  it("runs one attempt at a time", async () => {
    await using bench = new CellBench();
    const pids = await Promise.all([where(bench), where(bench)]);
    expect(new Set(pids.map(({ pid }) => pid)).size).toBe(2);
    expect(pids.map(({ runs }) => runs)).toEqual([1, 1]);
  });

  it("ends when nobody has needed it for a while", async () => {
    await using bench = new CellBench();
    const { pid } = await where(bench);
    await bench.pass(IDLE_MS - 1);
    expect(isAlive(pid)).toBe(true);
    await bench.pass(1);
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(await where(bench)).toMatchObject({ runs: 1 });
  });

  it("in which an attempt was aborted is not used again", async () => {
    await using bench = new CellBench();
    const run = bench.run("cell.waits", "process");
    const { pid } = await bench.pids();
    bench.abort.abort(new DOMException("enough", "AbortError"));
    await run.outcome;
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("that died while nobody was in it is not used again", async () => {
    await using bench = new CellBench();
    const { pid } = await where(bench);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect((await where(bench)).pid).not.toBe(pid);
  });

  it("that is ended by what an attempt left behind does not take the next one with it", async () => {
    await using bench = new CellBench();
    for (let round = 0; round < 3; round++) {
      expect(await bench.run("cell.leaves", "process").outcome).toMatchObject({ ok: true, output: "answered" });
      expect(await where(bench)).toMatchObject({ runs: 1 });
      await bench.pass(IDLE_MS);
    }
  });

  it("of an owner that closes is gone when it has closed, whatever ran in it", async () => {
    const bench = new CellBench();
    const idle = await where(bench);
    const looping = bench.run("cell.loops", "process");
    const { pid } = await bench.pids();
    looping.kill();
    await bench[Symbol.asyncDispose]();
    expect([idle.pid, pid].map(isAlive)).toEqual([false, false]);
  });
});
