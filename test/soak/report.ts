import { cpus, loadavg, totalmem } from "node:os";
import process from "node:process";
import { medianOf } from "./judge/trend.ts";
import { isSound } from "./judge/judge.ts";
import type { Verdict } from "./judge/verdict.ts";
import type { Sample, SoakRecord } from "./measured/record.ts";

// What a run came to, as a page: the claims with their bounds, figures, and how things went over time.

export interface Ran {
  /** The command that repeats it, without `npm run soak -- `. */
  readonly command: string;
  readonly record: SoakRecord;
  readonly verdicts: readonly Verdict[];
  readonly tookMs: number;
  readonly isInterrupted: boolean;
}

const MS_PER_MINUTE = 60_000;
const MS_PER_S = 1_000;
const BYTES_PER_MIB = 2 ** 20;
const ROWS = 16;

export function lineOf({ record, verdicts, tookMs }: Omit<Ran, "command" | "isInterrupted">): string {
  const { totals, deaths, broken } = record;
  const failed = verdicts.filter(({ holds }) => holds === false).length;
  const unknown = verdicts.filter(({ holds }) => holds === undefined).length;
  const held = verdicts.length - failed - unknown;
  return [
    `${minutes(tookMs)} minutes, ${totals.plans} plans, ${totals.facts} facts, ${deaths.length} ${deaths.length === 1 ? "kill" : "kills"}`,
    broken.length === 0 ? "nothing broken" : `${broken.length} broken`,
    `${held} claims hold, ${failed} do not, ${unknown} take a longer run`,
  ].join("; ");
}

export function verdictLine({ claim, holds, found, bound }: Verdict): string {
  return `${wordOf(holds).padEnd(9)} ${claim}: ${shown(found)} (bound: ${shown(bound)})`;
}

export function reportOf(ran: Ran): string {
  const { record, verdicts, command, isInterrupted } = ran;
  const machine = machineText();
  const [, , load = 0] = loadavg();
  return `# Soak

Made by \`npm run soak -- ${command}\`${isInterrupted ? ", interrupted" : ""}, on ${machine}, in ${minutes(ran.tookMs)} minutes; the machine's load in the last
15 of them was ${load.toFixed(1)}. What is done and measured is told in [test/README.md](../README.md#soak). A seed repeats the choices, not the
scheduling of the machine.

${isSound(record, verdicts) ? "Nothing was broken, and every claim holds that the run was long enough for." : "**Something was broken, or grew.**"}

${tableOf(
  ["claim", "holds", "found", "bound"],
  verdicts.map(({ claim, holds, found, bound }) => [claim, wordOf(holds), shown(found), shown(bound)]),
)}
${record.broken.map((text) => `\nBroken: ${text}\n`).join("")}
${tableOf(["what", "figure"], figuresOf(record))}

How it went:

${tableOf(["minute", "stretch", "RSS", "live heap", "open files", "steps/s", "plan p50", "database", "blobs"], courseOf(record))}
`;
}

export function machineText(): string {
  const cores = cpus();
  return `${cores.length} × ${cores[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

function figuresOf({ totals, deaths, subscribers, calm }: SoakRecord): readonly (readonly string[])[] {
  const going = deaths.flatMap(({ goingOnMs }) => (goingOnMs === undefined ? [] : [goingOnMs]));
  return [
    ["plans, facts, steps that succeeded", [totals.plans, totals.facts, totals.steps].map(count).join(", ")],
    ["answers that were remembered and found in the log", count(totals.answers)],
    ["effects outside", count(totals.effects)],
    ["kills", `${count(deaths.length)}: ${momentsOf(deaths.map(({ moment }) => moment))}`],
    ["going on: process started to first fact", timesOf(going)],
    ["one process lived for", `${minutes(calm.toMs - calm.fromMs)} minutes`],
    ...subscribers.map(({ kind, connections, facts }) => [
      `subscribers, ${kind}`,
      `${count(facts)} facts over ${count(connections)} connections, each once and in order`,
    ]),
  ];
}

/** Medians over equal parts of the run. */
function courseOf(record: SoakRecord): readonly (readonly string[])[] {
  const { samples } = record;
  const size = Math.max(1, Math.ceil(samples.length / ROWS));
  const rows: (readonly string[])[] = [];
  for (let from = 0; from < samples.length; from += size)
    rows.push(rowOf(samples.slice(from, from + size + 1), record));
  return rows;
}

function rowOf(part: readonly Sample[], { memory, latencies }: SoakRecord): readonly string[] {
  const [first, last] = [part[0], part.at(-1)];
  if (first === undefined || last === undefined) return [];
  const within = ({ atMs }: { readonly atMs: number }): boolean => atMs >= first.atMs && atMs < last.atMs;
  const vitals = part.flatMap((sample) => sample.vitals ?? []);
  const heap = memory.filter(within).map(({ liveBytes }) => liveBytes / BYTES_PER_MIB);
  const steps = ((last.steps - first.steps) * MS_PER_S) / (last.atMs - first.atMs);
  return [
    minutes(first.atMs),
    first.stretch,
    unit(medianOf(vitals.map(({ rssBytes }) => rssBytes / BYTES_PER_MIB)), "MiB"),
    unit(medianOf(heap), "MiB", 1),
    unit(medianOf(vitals.map(({ descriptors }) => descriptors))),
    unit(steps, "", 1),
    unit(medianOf(latencies.filter(within).map(({ ms }) => ms)), "ms"),
    unit(last.disk.database / BYTES_PER_MIB, "MiB"),
    unit(last.disk.blobs / BYTES_PER_MIB, "MiB"),
  ];
}

function wordOf(holds: boolean | undefined): string {
  if (holds === undefined) return "too short";
  return holds ? "yes" : "no";
}

/** What was not measured at all is no number. */
function shown(text: string): string {
  return text.replaceAll("NaN", "–");
}

function momentsOf(moments: readonly string[]): string {
  return [...Map.groupBy(moments, (moment) => moment)].map(([moment, some]) => `${moment} ${some.length}`).join(", ");
}

function timesOf(ms: readonly number[]): string {
  if (ms.length === 0) return "–";
  return `p50 ${medianOf(ms)} ms, max ${Math.max(...ms)} ms of ${ms.length}`;
}

function unit(value: number, name = "", digits = 0): string {
  return Number.isFinite(value) ? `${value.toFixed(digits)} ${name}`.trim() : "–";
}

function minutes(ms: number): string {
  return (ms / MS_PER_MINUTE).toFixed(1);
}

function count(value: number): string {
  return value.toLocaleString("en");
}

/** Columns as wide as what they hold, as the formatter has them. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
