import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { against, median, type Metric } from "../metric.ts";
import { writeRealisticTree } from "./realistic-tree.ts";

const FILES = 100_000;
const TIMES = 3;

const took = z.object({ files: z.number(), ms: z.number(), mib: z.number() });

/** Beside it the same files, listed and read by a program that does nothing with them, in turn. */
export async function contextMetrics(directory: string): Promise<readonly Metric[]> {
  const tree = join(directory, "tree");
  await writeRealisticTree(tree, FILES);
  // What was just written is in the system's memory for both.
  run(tree, "read");
  const pairs = Array.from({ length: TIMES }, () => ({ read: run(tree, "read"), summary: run(tree, "summary") }));
  const seconds = (which: "read" | "summary"): number => median(pairs.map((pair) => pair[which].ms)) / 1000;
  const told = pairs[0]?.summary.files ?? 0;
  if (told < FILES) throw new Error(`${told} of ${FILES} files were summarised`);
  const suite = "implementation";
  return [
    against({ suite, metric: `context_s@${FILES}`, value: seconds("summary"), unit: "s" }, seconds("read")),
    {
      suite,
      metric: `context_mib@${FILES}`,
      value: Math.max(...pairs.map(({ summary }) => summary.mib)),
      unit: "MiB",
    },
  ];
}

function run(tree: string, what: "read" | "summary"): z.output<typeof took> {
  const script = fileURLToPath(new URL("summarise.ts", import.meta.url));
  const printed = execFileSync(process.execPath, [script, tree, what], { encoding: "utf8" });
  return took.parse(JSON.parse(printed));
}
