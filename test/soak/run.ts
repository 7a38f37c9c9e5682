import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { crashPlace } from "../crash/place.ts";
import { isSound, judge } from "./judge/judge.ts";
import type { MemorySample, Sample, SoakRecord } from "./measured/record.ts";
import { TELLS } from "./measured/vitals.ts";
import { lineOf, reportOf, verdictLine } from "./report.ts";
import { soak, type SoakOptions } from "./soak.ts";

// `npm run soak -- --minutes N`: the real program under a constant load for long. Exit code 1: something was broken, or grew.

const DEFAULTS = { minutes: "20", seed: "1", "kills-per-minute": "4", rate: "4", subscribers: "6" } as const;

const HELP = `Usage: npm run soak -- [--minutes N] [--seed N] [--kills-per-minute N] [--rate N] [--subscribers N] [--built] [--keep]
                       [--report FILE] [--json]

Runs \`planwright serve\` as a process, under a constant load of plans over HTTP and with subscribers that go away and come back. In the
first and the last quarter of the time it is killed again and again, in between one process lives. What is measured of it from outside
is judged at the end: memory, handles, the store, speed; and what the crash tests look for, over the whole run.

  --minutes N           how long (default ${DEFAULTS.minutes}; may be a fraction); memory and handles are judged from 6 minutes on
  --seed N              which plans, connections and kills are chosen (default ${DEFAULTS.seed})
  --kills-per-minute N  on average, in the quarters in which processes are killed (default ${DEFAULTS["kills-per-minute"]}); 0: one process lives all the time
  --rate N              plans a second (default ${DEFAULTS.rate})
  --subscribers N       how many follow (default ${DEFAULTS.subscribers}): by turns all facts over HTTP, all over the local socket, single plans
  --built               the program that \`npm run build\` has made, as it ships; else the sources
  --report FILE         also writes a page
  --json                prints one JSON document with everything that was measured
  --keep                leaves the store where it is; one in which something was broken is always left

Ctrl-C ends the run early: what was begun ends, and what was measured is judged. Once more ends it at once. A seed repeats the
choices, not how the machine schedules processes. What is checked needs memory itself: about 400 MiB an hour at the default rate.

Exit codes: 0 nothing was broken and nothing grew, 1 something did, 2 the command is not right, 130 interrupted.

Examples:
  npm run soak -- --minutes 60 --built --report test/soak/REPORT.md
  npm run soak -- --minutes 8 --kills-per-minute 0 --rate 10
`;

const BUILT = new URL("../../dist/src/cli/main.js", import.meta.url);
const MS_PER_MINUTE = 60_000;
const PROGRESS_EVERY_MS = 10_000;
const BYTES_PER_MIB = 2 ** 20;
const EXIT = { broken: 1, usage: 2, interrupted: 130 } as const;

const { values } = parseArgs({
  options: {
    ...(Object.fromEntries(
      Object.entries(DEFAULTS).map(([name, value]) => [name, { type: "string", default: value }]),
    ) as Record<keyof typeof DEFAULTS, { readonly type: "string"; readonly default: string }>),
    report: { type: "string" },
    built: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const numbers = numbersOf();
  const wrong = numbers === undefined ? undefined : wrongIn(numbers);
  if (numbers === undefined || wrong !== undefined) {
    tell(
      `${wrong ?? "--minutes, --kills-per-minute, --rate, --subscribers and --seed are numbers"}; --help tells more`,
    );
    process.exitCode = EXIT.usage;
    return;
  }
  const { stop, signal } = interruptions();
  const startedAt = Date.now();
  const { minutes, ...wishes } = numbers;
  const onSample = progressLines(minutes);
  const options: SoakOptions = { ...wishes, durationMs: minutes * MS_PER_MINUTE, stop, signal, onSample };
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await crashPlace({ isBuilt: values.built }));
  const record = await ranOrLeft(() => soak(place, options), signal);
  if (record === undefined) return;
  show(record, { tookMs: Date.now() - startedAt, isInterrupted: stop.aborted });
  if (record.broken.length === 0 && !values.keep) return;
  opened.move();
  tell(`kept: ${place.path}`);
}

type Numbers = Readonly<Record<"minutes" | "seed" | "killsPerMinute" | "rate" | "subscribers", number>>;

function numbersOf(): Numbers | undefined {
  const { minutes, seed, "kills-per-minute": kills, rate, subscribers } = values;
  const all = [minutes, seed, kills, rate, subscribers].map((text) => (text.trim() === "" ? NaN : Number(text)));
  if (!all.every(Number.isFinite)) return undefined;
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = all;
  return { minutes: first, seed: second, killsPerMinute: third, rate: fourth, subscribers: fifth };
}

function wrongIn({ minutes, seed, killsPerMinute, rate, subscribers }: Numbers): string | undefined {
  if (minutes <= 0 || rate <= 0) return "--minutes and --rate are more than 0";
  if (killsPerMinute < 0 || subscribers < 0) return "--kills-per-minute and --subscribers are 0 or more";
  if (!Number.isInteger(seed) || !Number.isInteger(subscribers)) return "--seed and --subscribers are whole numbers";
  if (!TELLS) return "what a process takes is read from /proc, which this system does not have";
  return values.built && !existsSync(BUILT) ? "there is nothing built; npm run build makes it" : undefined;
}

/** The first Ctrl-C ends the run early, the second at once. */
function interruptions(): { readonly stop: AbortSignal; readonly signal: AbortSignal } {
  const [stop, signal] = [new AbortController(), new AbortController()];
  process.on("SIGINT", () => {
    if (stop.signal.aborted) signal.abort(new Error("interrupted"));
    else tell("interrupted: what was begun ends; Ctrl-C once more ends it at once");
    stop.abort();
  });
  return { stop: stop.signal, signal: signal.signal };
}

/** Undefined where it was ended at once. */
async function ranOrLeft(run: () => Promise<SoakRecord>, signal: AbortSignal): Promise<SoakRecord | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    process.exitCode = EXIT.interrupted;
    return undefined;
  }
}

interface Ended {
  readonly tookMs: number;
  readonly isInterrupted: boolean;
}

function show(record: SoakRecord, ended: Ended): void {
  const verdicts = judge(record);
  if (values.report !== undefined)
    writeFileSync(values.report, reportOf({ ...ended, record, verdicts, command: commandText() }));
  const lines = [...verdicts.map(verdictLine), ...record.broken.map((text) => `broken    ${text}`)];
  const text = [...lines, lineOf({ record, verdicts, tookMs: ended.tookMs })].join("\n");
  process.stdout.write(`${values.json ? JSON.stringify({ verdicts, ...record }) : text}\n`);
  if (!isSound(record, verdicts)) process.exitCode = EXIT.broken;
  else if (ended.isInterrupted) process.exitCode = EXIT.interrupted;
}

function commandText(): string {
  const numbers = Object.keys(DEFAULTS).map((name) => `--${name} ${values[name as keyof typeof DEFAULTS]}`);
  return [...numbers, ...(values.built ? ["--built"] : []), "--report FILE"].join(" ");
}

function progressLines(minutes: number): NonNullable<SoakOptions["onSample"]> {
  let nextMs = PROGRESS_EVERY_MS;
  return (sample: Sample, memory: MemorySample | undefined) => {
    if (sample.atMs < nextMs) return;
    nextMs = sample.atMs + PROGRESS_EVERY_MS;
    const { atMs, stretch, vitals, plans, steps } = sample;
    const process = vitals === undefined ? "no process" : `${mib(vitals.rssBytes)}, ${vitals.descriptors} open files`;
    const heap = memory === undefined || stretch !== "calm" ? "" : `, ${mib(memory.liveBytes)} live`;
    tell(
      `${(atMs / MS_PER_MINUTE).toFixed(1)} of ${minutes} min, ${stretch}: ${plans} plans, ${steps} steps, ${process}${heap}`,
    );
  };
}

function mib(bytes: number): string {
  return `${(bytes / BYTES_PER_MIB).toFixed(0)} MiB`;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
