import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median, ratioOfMedians, type Metric } from "./metric.ts";
import { BY_COMMAND, SUITES, suitesFor, type SuiteName } from "./suites.ts";

// `npm run bench -- SUITE … [--runs N] [--json FILE]`: every run of a suite in a process of its own, the median printed.
// Machines are noisy: where there is a limit, the median of the ratios is what counts.

const HELP = `Usage: npm run bench -- [SUITE ...] [--runs N] [--json FILE] [--dir DIR] [--data DIR]

Suites: ${Object.keys(SUITES).join(" ")} (default: all but ${[...BY_COMMAND].join(" ")}; wide brings million along where it is named)

  --runs N     runs of each suite (default 5); the median is printed. What takes minutes runs once
  --json FILE  also writes the list of {suite, metric, value, unit, limit, ratio}
  --dir DIR    where the suites write (default: a temporary folder; the disk under it is what is measured)
  --data DIR   what the suite plan reads: a folder with train.jsonl and tool_desc.json, and perhaps test.jsonl
`;

/** Pooled samples travel as JSON. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "5" },
    json: { type: "string" },
    dir: { type: "string", default: tmpdir() },
    data: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const names = suitesFor(positionals);
  const unknown = names.filter((name) => !isSuite(name));
  if (unknown.length > 0) {
    process.stderr.write(`there is no suite ${unknown.join(", ")}\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  process.stdout.write(`${machine}\n`);
  const results: Metric[] = [];
  for (const name of names) {
    const runs = Array.from({ length: BY_COMMAND.has(name) ? 1 : Number(values.runs) }, () => runSuite(name));
    results.push(...middle(runs));
  }
  for (const metric of results) process.stdout.write(`${line(metric)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
  return Promise.resolve();
}

function runSuite(name: string): readonly Metric[] {
  const directory = mkdtempSync(join(values.dir, "planwright-bench-"));
  const script = fileURLToPath(new URL("suite.ts", import.meta.url));
  const data = values.data === undefined ? [] : [values.data];
  const { status, stdout } = spawnSync(process.execPath, [script, name, directory, ...data], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: MAX_ANSWER_BYTES,
  });
  rmSync(directory, { recursive: true, force: true });
  // Why is on the standard error already.
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(stdout) as readonly Metric[];
}

function middle(runs: readonly (readonly Metric[])[]): Metric[] {
  return (runs[0] ?? []).map((first, index) =>
    middleOf(
      runs.flatMap((run) => run[index] ?? []),
      first,
    ),
  );
}

function middleOf(all: readonly Metric[], { suite, metric, unit, limit }: Metric): Metric {
  const pooled = all.flatMap((one) => one.pooled ?? []);
  if (pooled.length > 0) {
    const over = pooled.flatMap((one) => one.over);
    const under = pooled.flatMap((one) => one.under);
    return { suite, metric, unit, value: ratioOfMedians({ over, under }) };
  }
  const value = median(all.map((one) => one.value));
  if (limit === undefined) return { suite, metric, unit, value };
  const ratio = median(all.map((one) => one.ratio ?? NaN));
  return { suite, metric, unit, value, limit: median(all.map((one) => one.limit ?? NaN)), ratio };
}

function line({ suite, metric, value, unit, limit, ratio }: Metric): string {
  const number = value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value < 1 ? 4 : 2);
  const held =
    limit === undefined
      ? ""
      : `   limit ${Math.round(limit).toLocaleString("en")}   ratio ${(ratio ?? NaN).toFixed(3)}`;
  return `${suite.padEnd(8)} ${metric.padEnd(24)} ${number.padStart(12)} ${unit}${held}`;
}

function isSuite(name: string): name is SuiteName {
  return Object.hasOwn(SUITES, name);
}
