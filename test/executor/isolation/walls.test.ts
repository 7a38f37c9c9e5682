import { describe, expect, it } from "vitest";
import { CellBench, isAlive, SMALL } from "./cell-bench.ts";

// Tools that misbehave, each in one way: the attempt fails with a code, and whoever started it goes on.

const BOTH = ["thread", "process"] as const;

async function failureOf(bench: CellBench, name: string, isolate: "thread" | "process"): Promise<unknown> {
  const outcome = await bench.run(name, isolate).outcome;
  return outcome.ok ? outcome : outcome.error;
}

describe.each(BOTH)("in a %s of its own a tool", (isolate) => {
  it.each([
    ["ends it", "cell.exits", { category: "bug", code: "isolated-tool-died", message: /exit code 7/ }],
    [
      "throws where nobody can catch it",
      "cell.throws-later",
      { category: "bug", code: "isolated-tool-died", message: /threw outside of its run: out of reach/ },
    ],
    ["returns what is no JSON", "cell.date", { category: "bug", code: "output-not-json" }],
    ["returns 50 MB", "cell.huge", { category: "resource-exhausted", code: "output-too-large" }],
  ])("that %s fails, and the next one runs", async (_, name, error) => {
    await using bench = new CellBench();
    const wanted = "message" in error ? { ...error, message: expect.stringMatching(error.message) } : error;
    expect(await failureOf(bench, name, isolate)).toMatchObject(wanted);
    expect(await bench.run("cell.where", isolate).outcome).toMatchObject({ ok: true });
  });

  it("that prints garbage disturbs nobody", async () => {
    await using bench = new CellBench();
    expect(await bench.run("cell.prints", isolate).outcome).toMatchObject({ ok: true, output: "printed" });
  });

  it("that loops for ever is ended when it is killed", async () => {
    await using bench = new CellBench();
    const run = bench.run("cell.loops", isolate);
    await bench.pids();
    bench.abort.abort(new DOMException("enough", "AbortError"));
    run.kill();
    expect(await run.outcome).toMatchObject({
      ok: false,
      error: { category: "cancelled", code: "isolated-tool-died" },
    });
  });

  it("that waits is told why it has to stop", async () => {
    await using bench = new CellBench();
    const run = bench.run("cell.waits", isolate);
    await bench.pids();
    bench.abort.abort(new DOMException("took too long", "TimeoutError"));
    expect(await run.outcome).toMatchObject({ ok: false, error: { category: "timeout", message: "took too long" } });
  });
});

describe("in a process of its own a tool", () => {
  it.each(["cell.eats-heap", "cell.eats-buffers"])("that takes all memory (%s) is ended by its limit", async (name) => {
    await using bench = new CellBench({ memory: SMALL });
    expect(await failureOf(bench, name, "process")).toMatchObject({
      category: "resource-exhausted",
      code: "isolated-tool-out-of-memory",
      message: `${name} took more memory than it is given where it is isolated (96 MiB of values, 256 MiB in all)`,
    });
    expect(await bench.run("cell.where", "process").outcome).toMatchObject({ ok: true });
  });

  it.each(["cell.garbles", "cell.announces-too-much"])("that writes to its pipe (%s) is ended", async (name) => {
    await using bench = new CellBench();
    expect(await failureOf(bench, name, "process")).toMatchObject({ category: "bug", code: "isolated-tool-died" });
  });

  it("that dies is remembered with the last it printed", async () => {
    await using bench = new CellBench();
    expect(await failureOf(bench, "cell.exits", "process")).toMatchObject({
      message:
        "cell.exits ended its own thread or process (exit code 7) before it answered; it last printed: on purpose",
    });
  });

  it("that is killed from outside fails as an internal error", async () => {
    await using bench = new CellBench();
    const run = bench.run("cell.waits", "process");
    const { pid } = await bench.pids();
    process.kill(pid, "SIGKILL");
    expect(await run.outcome).toMatchObject({
      ok: false,
      error: { category: "internal", code: "isolated-tool-died", message: expect.stringContaining("SIGKILL") },
    });
  });

  it("takes the programs that it started with it", async () => {
    await using bench = new CellBench();
    const run = bench.run("cell.loops", "process", { program: true });
    const { pid, child } = await bench.pids();
    expect([pid, child ?? 0].map(isAlive)).toEqual([true, true]);
    run.kill();
    await run.outcome;
    await expect.poll(() => [pid, child ?? 0].map(isAlive)).toEqual([false, false]);
  });

  it("cannot be given more than a message holds", async () => {
    await using bench = new CellBench();
    const run = bench.run("cell.where", "process", { text: "x".repeat(30_000_000) });
    expect(await run.outcome).toMatchObject({
      ok: false,
      error: { category: "resource-exhausted", code: "isolated-arguments-too-large" },
    });
  });
});
