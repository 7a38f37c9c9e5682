import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem, type as systemName, release } from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { rawCommitsPerSecond, rawGroupedRecordsPerSecond } from "../raw-limits.ts";
import { campaign } from "./campaign.ts";
import { verdicts } from "./goal.ts";
import { RAW_RECORD_BYTES } from "./measure.ts";
import type { Occasion, Outcome } from "./outcome.ts";
import type { Peer } from "./peer.ts";
import { PEERS } from "./peers.ts";
import { report } from "./report.ts";

// `npm run bench:peers`: Planwright and what a user would pick instead, measured in one run on one disk.
// Exit codes: 0, also where peers were skipped; 1 when one failed; 2 for bad arguments; 130 after Ctrl-C.

const NAMES = PEERS.map(({ name }) => name);

const HELP = `Usage: npm run bench:peers -- [--only NAME,...] [--seconds N] [--kills N] [--json] [--report FILE] [--dir DIR]

Measures each peer by one protocol: workflows of 10 trivial sequential steps, each result durable before the next step
begins, 1 and 50 workflows in flight; then SIGKILL in the middle of a workflow, and how it goes on.

Peers: ${NAMES.join(" ")}

  --only NAME,...  these peers (default: all)
  --seconds N      how long each of the two stretches is measured (default 10)
  --kills N        how often each peer is killed (default 3); one that waits for a lease takes a minute a kill
  --json           prints the figures as JSON instead of the report
  --report FILE    also writes the report there (bench/peers/REPORT.md is the committed one)
  --dir DIR        where the stores lie (default: a temporary folder; the disk under it is what is measured)

The packages of a peer are installed into its own folder, by its lock file. A peer whose server is missing is skipped by
name, with the command that installs it:
${serverLines()}`;

const CTRL_C = 130;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: NAMES.join(",") },
    seconds: { type: "string", default: "10" },
    kills: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
    report: { type: "string" },
    dir: { type: "string", default: tmpdir() },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const only = values.only.split(",");
  const [seconds, kills] = [Number(values.seconds), Number(values.kills)];
  const complaint = complaintAbout(only, seconds, kills);
  if (complaint !== undefined) {
    process.stderr.write(`${complaint}\n${HELP}`);
    return 2;
  }
  const scratch = mkdtempSync(path.join(values.dir, "planwright-peers-"));
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort(new Error("interrupted")));
  try {
    const occasion = occasionOf(scratch, { seconds, kills });
    const peers = PEERS.filter(({ name }) => only.includes(name));
    const outcomes: Outcome[] = [];
    const asked = { seconds, kills, scratch, signal: interrupted.signal, tell };
    for await (const outcome of campaign(peers, asked)) outcomes.push(outcome);
    await print(occasion, outcomes);
    return outcomes.some(({ kind }) => kind === "failed") ? 1 : 0;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.stderr.write("interrupted; every process was ended and the scratch folder removed\n");
    return CTRL_C;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function complaintAbout(only: readonly string[], seconds: number, kills: number): string | undefined {
  const unknown = only.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) return `there is no peer ${unknown.join(", ")}`;
  if (!(seconds >= 1)) return "--seconds takes a number from 1 on";
  return Number.isInteger(kills) && kills >= 0 ? undefined : "--kills takes a whole number from 0 on";
}

async function print(occasion: Occasion, outcomes: readonly Outcome[]): Promise<void> {
  const text = await report(occasion, outcomes);
  const figures = { occasion, goals: verdicts(outcomes), peers: outcomes.map(figuresOf) };
  process.stdout.write(values.json ? `${JSON.stringify(figures, undefined, 2)}\n` : text);
  if (values.report !== undefined) writeFileSync(values.report, text);
}

function figuresOf({ peer, ...outcome }: Outcome): object {
  return { name: peer.name, title: peer.title, engine: peer.engine, ...outcome };
}

function occasionOf(scratch: string, extent: { seconds: number; kills: number }): Occasion {
  return {
    ...extent,
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${systemName()} ${release()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    commitsPerS: rawCommitsPerSecond(scratch, RAW_RECORD_BYTES),
    groupedPerS: rawGroupedRecordsPerSecond(scratch, RAW_RECORD_BYTES),
  };
}

function serverLines(): string {
  const needing = PEERS.filter(
    (peer): peer is Peer & { server: NonNullable<Peer["server"]> } => peer.server !== undefined,
  );
  return needing.map(({ name, server }) => `  ${name}: ${server.name}; ${server.install}\n`).join("");
}

function tell(progress: string): void {
  process.stderr.write(`${progress}\n`);
}
