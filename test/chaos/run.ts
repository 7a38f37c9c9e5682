import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { shownAddress } from "#src/store/kurrent/address.ts";
import { hasNats } from "../nats/server.ts";
import { chaos, type ChaosOptions } from "./chaos.ts";
import type { ChaosRecord } from "./record.ts";
import { claimLine, lineOf, reportOf } from "./report.ts";

// `npm run chaos -- --minutes N`: coordinators and executors as processes, killed at random. Exit code 1: something does not hold.

const DEFAULTS = { minutes: "5", seed: "1", coordinators: "3", executors: "4", slots: "4", rate: "4" } as const;
type Name = keyof typeof DEFAULTS;

const HELP = `Usage: npm run chaos -- [--minutes N] [--seed N] [--coordinators N] [--executors N] [--slots N] [--rate N] [--built]
                        [--report FILE] [--json] [--keep]

Runs nats-server, several \`planwright serve\` and several \`planwright worker\` as processes that share the log on the EventStoreDB or
KurrentDB which PLANWRIGHT_KURRENTDB_URL names; without this variable on a stand-in for it, which keeps the log in its memory. Under
a constant load of plans coordinators and executors are killed (SIGKILL), stand still for longer than their lease (SIGSTOP, SIGCONT), are
told to end (SIGTERM), and nats-server is killed; whoever is gone is started again. Then all plans have to end, and the log, what tools
wrote down outside of it, and what was told to subscribers are held against each other.

  --minutes N       of load (default ${DEFAULTS.minutes}; may be a fraction, at least 0.4); about half a minute more for the end
  --seed N          which plans, faults and moments are chosen (default ${DEFAULTS.seed})
  --coordinators N  (default ${DEFAULTS.coordinators})
  --executors N     (default ${DEFAULTS.executors})
  --slots N         of each executor (default ${DEFAULTS.slots})
  --rate N          plans a second (default ${DEFAULTS.rate})
  --built           the program that \`npm run build\` has made, as it ships; else the sources
  --report FILE     also writes a page
  --json            prints one JSON document with everything that was measured
  --keep            leaves the folders and the ledger where they are

Ctrl-C ends the run early: what was begun ends, and is judged. Once more ends it at once. A seed repeats the choices, not how the
machine schedules processes.

Exit codes: 0 every claim holds, 1 one does not, 2 something is missing or mistyped, 130 interrupted.

Examples:
  npm run chaos -- --minutes 1
  PLANWRIGHT_KURRENTDB_URL='kurrentdb://127.0.0.1:2113?tls=false' npm run chaos -- --report test/chaos/REPORT.md
`;

const BUILT = new URL("../../dist/src/cli/main.js", import.meta.url);
const MS_PER_MINUTE = 60_000;
const LEAST_MINUTES = 0.4;
const EXIT = { broken: 1, usage: 2, interrupted: 130 } as const;

const values = valuesOf();

if (values === undefined) process.exitCode = EXIT.usage;
else if (values.help) process.stdout.write(HELP);
else await main(values);

/** Undefined where an option is not known, which is said. */
function valuesOf() {
  try {
    return parseArgs({ options: optionsOf() }).values;
  } catch (error) {
    tell(`${error instanceof Error ? error.message : "that cannot be read"}; --help tells more`);
    return undefined;
  }
}

type Values = NonNullable<ReturnType<typeof valuesOf>>;

function optionsOf() {
  return {
    ...(Object.fromEntries(
      Object.entries(DEFAULTS).map(([name, value]) => [name, { type: "string", default: value }]),
    ) as Record<Name, { readonly type: "string"; readonly default: string }>),
    report: { type: "string" },
    built: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
}

async function main(values: Values): Promise<void> {
  const numbers = numbersOf(values);
  const wrong = wrongIn(numbers, values.built);
  if (wrong !== undefined) {
    tell(`${wrong}; --help tells more`);
    process.exitCode = EXIT.usage;
    return;
  }
  const { stop, signal } = interruptions();
  const server = process.env["PLANWRIGHT_KURRENTDB_URL"];
  const isStandIn = server === undefined || server === "";
  const log = isStandIn ? "a stand-in for EventStoreDB" : `the server at ${shownAddress(server)}`;
  tell(`the log is on ${log}`);
  const startedAt = Date.now();
  const { minutes, ...sizes } = numbers;
  const options: ChaosOptions = {
    ...sizes,
    ...{
      stop,
      signal,
      onProgress: tell,
      durationMs: minutes * MS_PER_MINUTE,
      isBuilt: values.built,
      keeps: values.keep,
    },
    server: isStandIn ? undefined : server,
  };
  const record = await ranOrLeft(options);
  if (record === undefined) return;
  const ran = {
    record,
    log,
    tookMs: Date.now() - startedAt,
    isInterrupted: stop.aborted,
    command: commandText(values),
  };
  if (values.report !== undefined) writeFileSync(values.report, reportOf(ran));
  const text = [...record.claims.map(claimLine), lineOf(ran)].join("\n");
  process.stdout.write(`${values.json ? JSON.stringify({ log, ...record }) : text}\n`);
  if (!record.claims.every(({ holds }) => holds)) process.exitCode = EXIT.broken;
  else if (stop.aborted) process.exitCode = EXIT.interrupted;
}

type Numbers = Readonly<Record<Name, number>>;

function numbersOf(values: Values): Numbers {
  const number = (name: Name): number => (values[name].trim() === "" ? NaN : Number(values[name]));
  const [minutes, seed, rate] = [number("minutes"), number("seed"), number("rate")];
  return {
    minutes,
    seed,
    rate,
    coordinators: number("coordinators"),
    executors: number("executors"),
    slots: number("slots"),
  };
}

function wrongIn({ minutes, rate, seed, ...counts }: Numbers, isBuilt: boolean): string | undefined {
  if (!(minutes >= LEAST_MINUTES && rate > 0)) return `--minutes is at least ${LEAST_MINUTES}, and --rate more than 0`;
  if (!Number.isInteger(seed)) return "--seed is a whole number";
  if (!Object.values(counts).every((count) => Number.isInteger(count) && count > 0))
    return "--coordinators, --executors and --slots are whole numbers from 1";
  if (!hasNats) return "nats-server is not to be found (Debian: apt-get install nats-server, and /usr/sbin in PATH)";
  return isBuilt && !existsSync(BUILT) ? "there is nothing built; npm run build makes it" : undefined;
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
async function ranOrLeft(options: ChaosOptions): Promise<ChaosRecord | undefined> {
  try {
    return await chaos(options);
  } catch (error) {
    if (!options.signal.aborted) throw error;
    process.exitCode = EXIT.interrupted;
    return undefined;
  }
}

function commandText(values: Values): string {
  const numbers = Object.keys(DEFAULTS).map((name) => `--${name} ${values[name as Name]}`);
  return [...numbers, ...(values.built ? ["--built"] : []), "--report FILE"].join(" ");
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
