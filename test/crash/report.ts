import { quantile } from "../../bench/quantile.ts";
import { cpus, loadavg, totalmem } from "node:os";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import type { CrashOptions, CrashResult } from "./crash.ts";
import { LOADS } from "./load/loads.ts";
import { MOMENTS } from "./moments.ts";

// What a run of kills came to: figures, and the report that is committed. Percentiles are nearest rank.

export interface Figures {
  readonly kills: number;
  readonly byMoment: Readonly<Record<string, number>>;
  readonly byCommand: Readonly<Record<string, number>>;
  readonly stores: number;
  readonly plans: number;
  readonly facts: number;
  readonly answers: number;
  readonly attached: number;
  readonly effects: number;
  /** Attempts that a kill cut off. */
  readonly lostAttempts: number;
  /** Outcomes that somebody answered for. */
  readonly resolved: number;
  readonly undone: number;
  /** Of plans that change files. */
  readonly changes: ChangeFigures;
  /** Milliseconds from the start of a process to its first fact. */
  readonly goingOn: Times;
  /** The same without what it waited for a core. */
  readonly alone: Times;
  /** Processes that took longer than LATE_MS without that. */
  readonly late: number;
  readonly breaches: number;
}

type ChangeFigures = CrashResult["chains"][number]["changes"];

interface Times {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export const LATE_MS = 2_000;

export function figuresOf({ chains, broken }: CrashResult): Figures {
  const kills = chains.flatMap((chain) => chain.kills);
  const factsOf = (type: string): number => sum(chains.map(({ facts }) => facts[type] ?? 0));
  const alone = kills.flatMap(({ goingOnMs, queuedMs }) => (goingOnMs === undefined ? [] : goingOnMs - queuedMs));
  return {
    kills: kills.length + sum(broken.map((store) => store.kills)),
    byMoment: countBy(kills.map(({ moment }) => moment)),
    byCommand: countBy(kills.map(({ command }) => command)),
    stores: chains.length + broken.length,
    plans: sum(chains.map(({ plans }) => plans)),
    facts: sum(chains.flatMap(({ facts }) => Object.values(facts))),
    answers: sum(chains.map(({ answers }) => answers)),
    attached: sum(chains.map(({ attached }) => attached)),
    effects: sum(chains.map(({ effects }) => effects)),
    lostAttempts: factsOf("StepLost"),
    resolved: factsOf("StepOutcomeResolved"),
    undone: factsOf("PlanRolledBack"),
    changes: {
      repositories: sum(chains.map(({ changes }) => changes.repositories)),
      merged: sum(chains.map(({ changes }) => changes.merged)),
      takenBack: sum(chains.map(({ changes }) => changes.takenBack)),
      unfinished: sum(chains.map(({ changes }) => changes.unfinished)),
    },
    goingOn: timesOf(kills.flatMap(({ goingOnMs }) => goingOnMs ?? [])),
    alone: timesOf(alone),
    late: alone.filter((ms) => ms > LATE_MS).length,
    breaches: broken.length,
  };
}

export function lineOf({ kills, stores, facts, goingOn, alone, breaches }: Figures): string {
  const times = `going on ${timesText(goingOn)} (without waiting for a core ${timesText(alone)})`;
  const broken = breaches === 0 ? "no breach" : `${breaches} breaches`;
  return `${kills} kills over ${stores} stores, ${facts} facts, ${times}, ${broken}`;
}

function timesText({ p50, p99, max }: Times): string {
  return `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
}

interface Ran {
  readonly options: Pick<CrashOptions, "load" | "seed" | "kills" | "loops" | "isBuilt">;
  readonly result: CrashResult;
  readonly tookMs: number;
}

/** Into the page that is there, in the place of the figures of the same load. */
export function writeReport(file: string, ran: Ran): void {
  const [head, ...sections] = existsSync(file) ? readFileSync(file, "utf8").split(/^(?=## )/mu) : [];
  const { heading } = LOADS[ran.options.load];
  const mine = `## ${heading}\n\n${sectionOf(ran)}`;
  const at = sections.findIndex((section) => section.startsWith(`## ${heading}\n`));
  const all = at < 0 ? [...sections, mine] : sections.toSpliced(at, 1, mine);
  writeFileSync(file, [head ?? PAGE_HEAD, ...all].map((part) => `${part.trim()}\n`).join("\n"));
}

const PAGE_HEAD = `# Kills

What is killed, and what is looked at afterwards, is told in [test/README.md](../README.md#real-crashes). A seed repeats the choices, not
the scheduling of the machine.
`;

/** Repeats the choices. */
export function commandOf({ load, seed, kills }: Pick<CrashOptions, "load" | "seed" | "kills">): string {
  return `npm run crash --${load === "all" ? "" : ` --load ${load}`} --kills ${kills} --seed ${seed}`;
}

function sectionOf({ options, result, tookMs }: Ran): string {
  const figures = figuresOf(result);
  const { kills, loops, isBuilt } = options;
  const command = `${commandOf(options)} --loops ${loops}${isBuilt ? " --built" : ""} --report FILE`;
  const cores = cpus();
  const machine = `${cores.length} × ${cores[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const minutes = (tookMs / 60_000).toFixed(0);
  const [, , load = 0] = loadavg();
  const part = figures.kills < kills ? `, interrupted after ${number(figures.kills)} kills` : "";
  return `Made by \`${command}\`${part}, on ${machine}, in ${minutes} minutes;
the machine's load in the last 15 of them was ${load.toFixed(1)}.

${tableOf(rowsOf(figures))}

${brokenText(result, options.load)}
`;
}

function rowsOf(figures: Figures): readonly (readonly [string, string])[] {
  const { goingOn, alone, byMoment, byCommand, changes } = figures;
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${number(count)}`)
      .join(", ");
  const moments = Object.fromEntries(
    MOMENTS.flatMap((moment) => (byMoment[moment] === undefined ? [] : [[moment, byMoment[moment]]])),
  );
  return [
    ["kills", number(figures.kills)],
    ["by moment", list(moments)],
    ["by command", list(byCommand)],
    ["stores, plans, facts", [figures.stores, figures.plans, figures.facts].map(number).join(", ")],
    ["answers that were remembered and found again", number(figures.answers)],
    ["starts with a key that had its plan already", number(figures.attached)],
    ["effects outside", number(figures.effects)],
    ["attempts that a kill cut off", number(figures.lostAttempts)],
    ["unknown outcomes that somebody answered for", number(figures.resolved)],
    ["plans rolled back", number(figures.undone)],
    ...(changes.repositories === 0 ? [] : changeRows(changes)),
    ["going on: process started to first fact", `${timesText(goingOn)} of ${number(goingOn.samples)}`],
    ["the same, without waiting for a core", timesText(alone)],
    [`slower than ${LATE_MS / 1_000} s without that`, number(figures.late)],
    ["breaches", number(figures.breaches)],
  ];
}

function changeRows({ repositories, merged, takenBack, unfinished }: ChangeFigures): readonly [string, string][] {
  return [
    ["repositories, changes merged, merges taken back", [repositories, merged, takenBack].map(number).join(", ")],
    ["moves of files that a kill cut off, and others ended", number(unfinished)],
  ];
}

function tableOf(rows: readonly (readonly [string, string])[]): string {
  const all = [["what", "figure"] as const, ...rows];
  const widths = [0, 1].map((column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = ["", ""], ...body] = all;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

function brokenText({ broken }: CrashResult, load: CrashOptions["load"]): string {
  if (broken.length === 0) return "Nothing was broken.";
  return broken.map(({ seed, kills, message }) => `- \`${commandOf({ load, seed, kills })}\`: ${message}`).join("\n");
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

function timesOf(values: readonly number[]): Times {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  return {
    samples: sorted.length,
    p50: quantile(sorted, 0.5) ?? 0,
    p99: quantile(sorted, 0.99) ?? 0,
    max: sorted.at(-1) ?? 0,
  };
}

function number(value: number): string {
  return value.toLocaleString("en");
}
