import { loadavg } from "node:os";
import { machineText, tableOf } from "../soak/report.ts";
import { timesText } from "./audit.ts";
import type { ChaosRecord, Claim, FaultRecord } from "./record.ts";

// What a run came to, as a line and as a page.

export interface Ran {
  readonly record: ChaosRecord;
  /** The command that repeats it, without `npm run chaos -- `. */
  readonly command: string;
  /** What keeps the log, for people. */
  readonly log: string;
  readonly tookMs: number;
  readonly isInterrupted: boolean;
}

const MS_PER_MINUTE = 60_000;

export function lineOf({ record, tookMs }: Pick<Ran, "record" | "tookMs">): string {
  const { claims, faults, plans, facts } = record;
  const failed = claims.filter(({ holds }) => !holds).length;
  const told = `${(tookMs / MS_PER_MINUTE).toFixed(1)} minutes, ${plans} plans, ${facts} facts, ${faults.length} faults`;
  return `${told}; ${claims.length - failed} claims hold, ${failed} do not`;
}

export function claimLine({ claim, holds, found }: Claim): string {
  return `${holds ? "holds    " : "NOT SO   "} ${claim}: ${found}`;
}

export function reportOf(ran: Ran): string {
  const { record, command, log, isInterrupted, tookMs } = ran;
  const [, , load = 0] = loadavg();
  const sound = record.claims.every(({ holds }) => holds);
  return `# Chaos

Made by \`npm run chaos -- ${command}\`${isInterrupted ? ", interrupted" : ""}, over ${log}, on ${machineText()}, in ${(tookMs / MS_PER_MINUTE).toFixed(1)} minutes; the
machine's load in the last 15 of them was ${load.toFixed(1)}. What is done and judged is told in [test/README.md](../README.md#chaos). A seed repeats
the choices, not the scheduling of the machine.

${sound ? "Every claim holds." : "**Not every claim holds.**"}

${tableOf(
  ["claim", "holds", "found"],
  record.claims.map(({ claim, holds, found }) => [claim, holds ? "yes" : "no", found.replaceAll("|", "\\|")]),
)}

${tableOf(["what", "figure"], figuresOf(record))}

What was done, and how long it showed:

${tableOf(["what", "times", "throughput back", "at the worst", "went on elsewhere"], faultRows(record.faults))}
`;
}

function figuresOf(record: ChaosRecord): readonly (readonly string[])[] {
  return [
    ["plans, facts, steps that succeeded", [record.plans, record.facts, record.steps].map(count).join(", ")],
    ["effects outside", count(record.effects)],
    ["processes of coordinators and executors", count(record.processes)],
    ["owners that a partition had, over all", count(record.epochs)],
    ["looks at which plans were due and too many were under way", count(record.held)],
    ...record.connections.map(({ kind, facts, connections }) => [
      `subscriber, ${kind}`,
      `${count(facts)} in ${count(connections)} goes`,
    ]),
  ];
}

function faultRows(faults: readonly FaultRecord[]): readonly (readonly string[])[] {
  const byKind = Map.groupBy(faults, ({ kind, name }) => `${name.replace(/-\d+$/, "")}: ${kind}`);
  return [...byKind, ["all", faults] as const].map(([what, some]) => [
    what,
    String(some.length),
    timesText(some.map(({ backMs }) => backMs)),
    `${Math.round(100 * Math.min(1, ...some.map(({ lowest }) => lowest)))} %`,
    timesText(some.flatMap(({ wentOnMs }) => wentOnMs ?? [])),
  ]);
}

function count(value: number): string {
  return value.toLocaleString("en");
}
