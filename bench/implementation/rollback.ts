import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { toolRegistry } from "#src/all-tools.ts";
import { against, median, type Metric } from "../metric.ts";
import { commitAll } from "./realistic-tree.ts";
import { called } from "./tool-context.ts";

// How long it takes to take back a change of many files, beside writing as many files of the same sizes, each flushed to the disk.
// The change is made and merged before by the tools that plans use.

const FILES = 1_000;
const FILES_A_FOLDER = 50;
const FILE_BYTES = 4_096;
const TIMES = 5;

const merged = z.object({ record: z.unknown() });

/** Beside it as many files of the same size, each written anew and made durable: what nothing that survives a crash does without. */
export async function rollbackMetrics(directory: string): Promise<readonly Metric[]> {
  const repository = path.join(directory, "repository");
  const names = Array.from({ length: FILES }, (_, at) => `f${Math.floor(at / FILES_A_FOLDER)}/file-${at}.txt`);
  const content = (letter: string): string => `${letter.repeat(FILE_BYTES - 1)}\n`;
  for (const name of names) write(path.join(repository, name), content("a"));
  commitAll(repository);
  const tools = toolRegistry();
  const took: { readonly back: number; readonly raw: number }[] = [];
  for (let time = 0; time < TIMES; time++) {
    const name = { repository: ".", plan: "bench", change: `change_${time}` };
    const made = madeIn(repository, () => {
      for (const file of names) write(path.join(repository, file), content("b"));
    });
    const output = await called(tools, "change.merge", { args: { ...name, made }, root: repository });
    const { record } = merged.parse(output);
    const before = performance.now();
    await called(tools, "change.revert", { args: { ...name, record }, root: repository });
    const back = performance.now() - before;
    for (const file of names) {
      if (readFileSync(path.join(repository, file), "utf8") !== content("a"))
        throw new Error(`${file} was not taken back`);
    }
    took.push({ back, raw: rawMs(path.join(directory, `raw-${time}`), names, content("a")) });
  }
  const metric = { suite: "implementation", metric: `rollback_s@${FILES}`, unit: "s" };
  const seconds = (which: "back" | "raw"): number => median(took.map((one) => one[which])) / 1000;
  return [against({ ...metric, value: seconds("back") }, seconds("raw"))];
}

/** A commit on HEAD; the tree is as before. */
function madeIn(repository: string, change: () => void): { readonly base: string; readonly commit: string } {
  const base = git(repository, "rev-parse", "HEAD");
  change();
  commitAll(repository);
  const commit = git(repository, "rev-parse", "HEAD");
  git(repository, "reset", "--quiet", "--hard", base);
  return { base, commit };
}

function git(repository: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: repository, encoding: "utf8" }).trim();
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function rawMs(directory: string, names: readonly string[], text: string): number {
  for (const name of names) mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
  const before = performance.now();
  for (const name of names) {
    const file = openSync(path.join(directory, name), "w");
    writeSync(file, text);
    fsyncSync(file);
    closeSync(file);
  }
  return performance.now() - before;
}
