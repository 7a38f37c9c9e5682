import process from "node:process";
import { parseArgs } from "node:util";
import { Installation } from "./tour/installation.ts";
import { seconds, travel, type Journey } from "./tour/journey.ts";
import { logPlaceOn } from "./tour/log-place.ts";
import { natsVersion } from "./tour/nats-server.ts";

// `npm run tour:distributed`: what docker-compose.yml starts, as processes of this machine; two of them are killed on the way.
// Exit code 0: the plan succeeded all the same, and its history has everything once.

const HELP = `Usage: npm run tour:distributed -- [--within SECONDS] [--nats-server PROGRAM] [--json]

Starts nats-server, two workers and, over the log on the EventStoreDB or KurrentDB that PLANWRIGHT_KURRENTDB_URL names, two
coordinators; without this variable one coordinator over a store in a temporary folder. Hands them the plan of \`npm run examine\`, kills a
worker while it runs a step and the coordinator that owns the plan (the only one is started again), and looks in the history
whether anything was lost or recorded twice. Everything is ended and removed afterwards, also by Ctrl-C; on a server the
facts stay, in a namespace tour-… of their own. The plan writes its report to .planwright/tour.md.

  --within SECONDS       how long all of it may take (default 120)
  --nats-server PROGRAM  2.9 or later (default nats-server)
  --json                 one JSON line for each thing that happens, and one for the result

Exit codes: 0 all of it held; 1 something did not, and is named; 2 something is missing or mistyped, nothing ran; 130 Ctrl-C.

Examples:
  npm run tour:distributed
  PLANWRIGHT_KURRENTDB_URL='kurrentdb://127.0.0.1:2113?tls=false' npm run tour:distributed
  npm run --silent tour:distributed -- --json
`;

const MAX_WITHIN_MS = 3_600_000;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const startedAt = performance.now();
let isJson = false;
process.exitCode = await main();

async function main(): Promise<number> {
  const asked = options();
  if (typeof asked === "number") return asked;
  const { withinMs, server } = asked;
  const version = natsVersion(server);
  if (version === undefined) return refuse(`${server} is not to be found`, "sudo apt-get install nats-server");
  const interruption = new AbortController();
  for (const name of SIGNALS) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));
  const late = AbortSignal.timeout(withinMs);
  const signal = AbortSignal.any([interruption.signal, late]);
  try {
    return say(await tour({ server, version, signal }));
  } catch (error) {
    if (interruption.signal.aborted) {
      process.stderr.write("interrupted; everything that was started has ended\n");
      return EXIT_INTERRUPTED;
    }
    const what = late.aborted ? `it took longer than ${seconds(withinMs)}` : messageOf(error);
    process.stderr.write(`the tour failed: ${what}\n`);
    if (isJson) tellJson({ kind: "result", ok: false, because: what });
    return EXIT_FAILED;
  }
}

interface Asked {
  /** The program. */
  readonly server: string;
  readonly version: string;
  readonly signal: AbortSignal;
}

async function tour({ server, version, signal }: Asked): Promise<Journey> {
  const url = process.env["PLANWRIGHT_KURRENTDB_URL"];
  const log = url === undefined || url === "" ? undefined : logPlaceOn(url);
  await using installation = await Installation.make({ log });
  const nats = await installation.startNats(server, signal);
  tell(`nats-server ${version} listens on ${nats}`);
  const workers = await installation.startWorkers(signal);
  tell(`${namesOf(workers)} lend their slots`);
  const coordinators = await installation.startCoordinators(signal);
  tell(`${namesOf(coordinators)} ${log === undefined ? "has a store in a folder" : `share the plans in ${log.store}`}`);
  const now = (): number => performance.now();
  const journey = await travel({ installation, now, tell, signal });
  tell("everything is ended, one after the other");
  return journey;
}

/** What was typed, or the exit code where nothing is to run. */
function options(): { readonly withinMs: number; readonly server: string } | number {
  try {
    const { values } = parseArgs({
      options: {
        within: { type: "string", default: "120" },
        "nats-server": { type: "string", default: "nats-server" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const withinMs = Number(values.within) * 1_000;
    if (!(withinMs > 0 && withinMs <= MAX_WITHIN_MS))
      throw new Error("--within is a number of seconds above 0, and at most an hour");
    isJson = values.json;
    if (!values.help) return { withinMs, server: values["nats-server"] };
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${HELP}`);
    return EXIT_USAGE;
  }
}

function refuse(what: string, next: string): number {
  process.stderr.write(`${what}\n  next: ${next}\n`);
  if (isJson) tellJson({ kind: "result", ok: false, because: what });
  return EXIT_USAGE;
}

/** Prints the result and gives the exit code. */
function say({ claims, ...journey }: Journey): number {
  const ok = claims.every(({ holds }) => holds);
  if (isJson) tellJson({ kind: "result", ok, ...journey, claims });
  else {
    const lines = claims.map(({ claim, holds }) => `${holds ? "✔" : "✘ NOT SO:"} ${claim}`);
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  return ok ? 0 : EXIT_FAILED;
}

function tell(text: string): void {
  const ms = performance.now() - startedAt;
  if (isJson) tellJson({ kind: "happened", atMs: Math.round(ms), text });
  else process.stdout.write(`${seconds(ms).padStart(7)}  ${text}\n`);
}

function tellJson(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function namesOf(programs: readonly { readonly name: string }[]): string {
  return programs.map(({ name }) => name).join(" and ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
