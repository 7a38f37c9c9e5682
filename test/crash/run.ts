import { existsSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { crash, KILLS_A_STORE, type CrashResult } from "./crash.ts";
import { LOAD_NAMES, type LoadName } from "./load/loads.ts";
import { commandOf, figuresOf, lineOf, writeReport } from "./report.ts";

// `npm run crash -- --kills N`: the real program on the real store, killed again and again. Exit code 1: something was broken.

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    load: { type: "string", default: "all" },
    seed: { type: "string", default: "1" },
    loops: { type: "string", default: "2" },
    report: { type: "string" },
    server: { type: "string" },
    built: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const HELP = `Usage: npm run crash -- [--load all|changes] [--kills N] [--seed N] [--loops N] [--built] [--server URL] [--report FILE] [--json]

  --load NAME    what runs meanwhile: plans of all kinds (default), or plans of changes, which are made, merged and taken back in
                 repositories of git
  --kills N      how many processes are killed (default 100); ${KILLS_A_STORE} over each store, which then has to end calmly
  --seed N       of the first store (default 1); the next store has the next one
  --loops N      stores at the same time (default 2); more make going on slower than it is
  --built        the program that \`npm run build\` has made, as it ships; else the sources, which start slower
  --server URL   the logs are on this EventStoreDB or KurrentDB, each in a namespace of its own; default: stores in folders
  --report FILE  also writes the figures into a page, in the place of those of the same load
  --json         prints them as JSON

What is broken is named with the command that repeats its choices, and its folder is kept. A seed repeats the choices, not how the
machine schedules processes: repeat it some times, with --loops as it was.

Examples:
  npm run crash -- --kills 5000 --built --report test/crash/REPORT.md
  npm run crash -- --load changes --kills 50
  npm run crash -- --seed 17 --kills ${KILLS_A_STORE}
`;

const BUILT = new URL("../../dist/src/cli/main.js", import.meta.url);
const EXIT_INTERRUPTED = 130;
const PROGRESS_EVERY_KILLS = 25;

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const [kills, seed, loops] = [values.kills, values.seed, values.loops].map(Number);
  const load = LOAD_NAMES.find((name) => name === values.load);
  if (load === undefined) {
    process.stderr.write(`--load is one of ${LOAD_NAMES.join(", ")}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  if (!isCount(kills) || !isCount(loops) || !Number.isInteger(seed)) {
    process.stderr.write(`--kills and --loops are whole numbers from 1, --seed is a whole number\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  if (values.built && !existsSync(BUILT)) {
    tell("there is nothing built; npm run build makes it");
    process.exitCode = 2;
    return;
  }
  const interruption = new AbortController();
  process.once("SIGINT", () => interruption.abort(new Error("interrupted")));
  const startedAt = Date.now();
  let done = 0;
  const onKill = (): void => {
    if (++done % PROGRESS_EVERY_KILLS === 0) tell(`${done} of ${kills} kills, ${seconds(Date.now() - startedAt)}`);
  };
  const options = {
    load,
    kills,
    seed: seed ?? 1,
    loops,
    keeps: true,
    isBuilt: values.built,
    server: values.server,
    signal: interruption.signal,
    onKill,
  };
  const result = await crash(options);
  const ran = { options, result, tookMs: Date.now() - startedAt };
  if (values.report !== undefined) writeReport(values.report, ran);
  say(result, load);
  if (!interruption.signal.aborted) return;
  tell("interrupted: these are the stores that had come to their end");
  process.exitCode = EXIT_INTERRUPTED;
}

function say(result: CrashResult, load: LoadName): void {
  const figures = figuresOf(result);
  const out = values.json ? JSON.stringify({ ...figures, broken: result.broken }) : lineOf(figures);
  process.stdout.write(`${out}\n`);
  for (const { seed, kills, message, folder } of result.broken)
    tell(`broken: ${message}\n  repeat: ${commandOf({ load, seed, kills })}\n  kept: ${folder}`);
  if (result.broken.length > 0) process.exitCode = 1;
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 1;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(0)} s`;
}
