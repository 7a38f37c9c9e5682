import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { hasNats } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { temporaryFolder } from "../store/folder.ts";
import { execute, ROOT, type Ran, type RunOptions } from "./command.ts";

// `npm run tour:distributed`, as somebody types it, over a store in a folder and over a log on a server; and that nothing of it
// is left, however it ends.

const TOUR = path.join(ROOT, "examples", "distributed", "tour.ts");
const SLOW_TEST_MS = 120_000;
const HANDOVER_MS = 5_000;
/** Also of one that has to start, on a machine that has other things to do. */
const STARTED_AGAIN_MS = 30_000;

const realUrl = process.env["PLANWRIGHT_KURRENTDB_URL"];

interface Toured extends Ran {
  /** Of processes, and of files in the folder for temporary ones. */
  readonly left: readonly string[];
}

async function tour(args: readonly string[], { env, ...options }: Partial<RunOptions> = {}): Promise<Toured> {
  await using folder = await temporaryFolder();
  const ran = await execute([process.execPath, TOUR, ...args], {
    cwd: ROOT,
    env: { TMPDIR: folder.path, PLANWRIGHT_KURRENTDB_URL: "", ...env },
    ...options,
  });
  // Node keeps compiled code for the next time.
  const files = readdirSync(folder.path).filter((name) => name !== "node-compile-cache");
  return { ...ran, left: [...files, ...processesOf(folder.path)] };
}

/** Processes of Linux that work in a folder or were told of it. */
function processesOf(folder: string): readonly string[] {
  const ids = existsSync("/proc/self") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  return ids.flatMap((id) => {
    try {
      const told = readFileSync(`/proc/${id}/cmdline`, "utf8");
      return told.includes(folder) || readlinkSync(`/proc/${id}/cwd`).startsWith(folder) ? [told] : [];
    } catch {
      // It ended meanwhile, or is not ours to look at.
      return [];
    }
  });
}

interface Line {
  readonly kind: string;
  readonly text?: string;
  readonly ok?: boolean;
  readonly workerKilledMs: number;
  readonly coordinatorKilledMs: number;
  readonly claims: readonly { readonly claim: string; readonly holds: boolean }[];
}

function resultOf({ stdout }: Ran): Line {
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  const killed = lines.flatMap(
    ({ text = "" }) => /^(worker|coordinator)-\d is killed \(SIGKILL\)/.exec(text)?.[1] ?? [],
  );
  expect(killed).toEqual(["worker", "coordinator"]);
  return lines.at(-1)!;
}

function expectGood(toured: Toured): Line {
  expect(toured, toured.stderr + toured.stdout).toMatchObject({ code: 0, left: [] });
  const result = resultOf(toured);
  expect(result).toMatchObject({ kind: "result", ok: true });
  expect(result.claims.filter(({ holds }) => !holds)).toEqual([]);
  expect(result.claims.length).toBeGreaterThan(5);
  return result;
}

requireServer("nats", hasNats)("the tour of processes that are killed", () => {
  it("ends well over a store in a folder, and leaves nothing", { timeout: SLOW_TEST_MS }, async () => {
    const { coordinatorKilledMs } = expectGood(await tour(["--json"]));
    expect(coordinatorKilledMs).toBeLessThan(STARTED_AGAIN_MS);
  });

  it("ends everything by Ctrl-C", { timeout: SLOW_TEST_MS }, async () => {
    let isTold = false;
    const toured = await tour([], {
      onStdout: (text, child) => {
        if (isTold || !text.includes("lend their slots")) return;
        isTold = true;
        child.kill("SIGINT");
      },
    });
    expect(toured).toMatchObject({ code: 130, left: [], stderr: expect.stringContaining("interrupted") });
  });

  it("says that it took too long, and ends everything", { timeout: SLOW_TEST_MS }, async () => {
    const toured = await tour(["--within", "1.5"]);
    expect(toured).toMatchObject({ code: 1, left: [], stderr: "the tour failed: it took longer than 1.5 s\n" });
  });
});

describe("the tour", () => {
  it("says how to get nats-server where there is none", async () => {
    const toured = await tour(["--nats-server", "/nowhere/nats-server"]);
    expect(toured).toMatchObject({ code: 2, stdout: "", left: [] });
    expect(toured.stderr).toBe("/nowhere/nats-server is not to be found\n  next: sudo apt-get install nats-server\n");
  });

  it("explains itself, and refuses what it does not know", async () => {
    const help = await tour(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("PLANWRIGHT_KURRENTDB_URL") });
    for (const wrong of [
      ["--within", "soon"],
      ["--withn", "3"],
      ["--within", "0"],
    ]) {
      expect((await tour(wrong)).code, wrong.join(" ")).toBe(2);
    }
  });
});

requireServer("kurrent", realUrl !== undefined)("the tour over a log on a server", () => {
  it("has another coordinator go on within 5 s", { timeout: SLOW_TEST_MS }, async () => {
    const result = expectGood(await tour(["--json"], { env: { PLANWRIGHT_KURRENTDB_URL: realUrl ?? "" } }));
    expect(result.coordinatorKilledMs).toBeLessThan(HANDOVER_MS);
  });
});
