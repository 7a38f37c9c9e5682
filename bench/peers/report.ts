import { format } from "prettier";
import { median } from "../metric.ts";
import { verdicts, whole } from "./goal.ts";
import type { Measured, Stretch } from "./measure.ts";
import type { Occasion, Outcome } from "./outcome.ts";
import { MOST_IN_FLIGHT, SLOW_STEP_MS, STEPS_PER_WORKFLOW } from "./protocol.ts";

// A run as a page: where it took place, the goal, the figures, and beside them what is not like for like. The same text goes to the
// terminal and into the committed file, so it names no path and no host.

const NOTHING = "–";

export async function report(occasion: Occasion, outcomes: readonly Outcome[]): Promise<string> {
  const parts = [
    ...opening(occasion),
    ...goals(outcomes),
    "## Speed",
    `Steps a second of workflows with ${STEPS_PER_WORKFLOW} steps, each result durable before the next step begins. _Of the disk_: over synced appends of
1,024 bytes in the same minute, one by one for 1 in flight, in groups of 50 for ${MOST_IN_FLIGHT}. A step's time is from its beginning to that of the next
one in the same workflow. Memory is the most that all processes of the peer held together (shared pages once).`,
    table(SPEED_COLUMNS, outcomes.flatMap(speedRows)),
    "## After SIGKILL, and on the disk",
    `The worker process (for an engine in process that is the engine) is killed in the middle of step 5 of a workflow whose steps take ${SLOW_STEP_MS} ms,
and started again. Time runs from that start to the first beginning of a step of that workflow. Steps run again are counted in a file that each step
writes itself into: the one in flight, and those that had ended. Bytes are what the store has grown by, over the steps run, closed in order.`,
    table(CRASH_COLUMNS, outcomes.flatMap(crashRow)),
    ...missing(outcomes),
    "## What is not like for like",
    ...outcomes.map(unlike),
  ];
  return format(parts.join("\n\n"), { parser: "markdown", printWidth: 120 });
}

function opening(occasion: Occasion): string[] {
  const { cores, cpu, memoryGib, system, node, date } = occasion;
  return [
    "# Against peers",
    `Made by \`npm run bench:peers -- --seconds ${occasion.seconds} --kills ${occasion.kills} --report FILE\`, which repeats it. One driver and one protocol for all
(\`bench/peers/\`), one peer after the other: opened once, warmed up, ${occasion.seconds} s with 1 workflow in flight, ${occasion.seconds} s with ${MOST_IN_FLIGHT}, closed,
then killed ${occasion.kills} times.`,
    `- ${date}; ${cores} cores (${cpu}), ${memoryGib} GiB, ${system}, Node ${node}
- the disk before the first peer: ${whole(occasion.commitsPerS)} synced appends/s, ${whole(occasion.groupedPerS)} in groups of 50
- _load before_ in the table: processes of the machine that ran or waited to, on average over the minute before the peer's turn`,
  ];
}

function goals(outcomes: readonly Outcome[]): string[] {
  const all = verdicts(outcomes);
  if (all.length === 0) return [];
  const rows = all.map(({ goal, said, isMet }) => [goal, said, isMet ? "yes" : "**no**"]);
  return ["## The goal", table(["goal", "measured", "met"], rows)];
}

const SPEED_COLUMNS = [
  "peer",
  "engine",
  "in flight",
  ">workflows/s",
  ">steps/s",
  ">of the disk",
  ">step p50 ms",
  ">step p99 ms",
  ">MiB",
  ">load before",
];

function speedRows(outcome: Outcome): string[][] {
  if (outcome.kind !== "measured") return [];
  const { stretches, loadBefore } = outcome.measured;
  return stretches.map((stretch) => [
    outcome.peer.title,
    outcome.peer.engine,
    ...speedCells(stretch),
    loadBefore.toFixed(1),
  ]);
}

function speedCells({ inFlight, stepsPerS, workflowsPerS, rawPerS, ...rest }: Stretch): string[] {
  return [
    `${inFlight}`,
    workflowsPerS.toFixed(1),
    whole(stepsPerS),
    (stepsPerS / rawPerS).toFixed(3),
    rest.stepMsP50?.toFixed(2) ?? NOTHING,
    rest.stepMsP99?.toFixed(2) ?? NOTHING,
    rest.peakMib === undefined ? NOTHING : whole(rest.peakMib),
  ];
}

const CRASH_COLUMNS = [
  "peer",
  ">goes on, median ms",
  ">slowest ms",
  ">again: in flight",
  ">again: had ended",
  ">bytes a step",
];

function crashRow(outcome: Outcome): string[][] {
  return outcome.kind === "measured" ? [[outcome.peer.title, ...crashCells(outcome.measured)]] : [];
}

function crashCells({ recoveries, bytesPerStep }: Measured): string[] {
  const times = recoveries.map(({ goesOnMs }) => goesOnMs);
  const sum = (counts: readonly number[]): string => `${counts.reduce((total, count) => total + count, 0)}`;
  const again = [
    sum(recoveries.map(({ inFlightAgain }) => inFlightAgain)),
    sum(recoveries.map(({ endedAgain }) => endedAgain)),
  ];
  const goesOn = times.length === 0 ? [NOTHING, NOTHING] : [whole(median(times)), whole(Math.max(...times))];
  return [...goesOn, ...again, whole(bytesPerStep)];
}

function missing(outcomes: readonly Outcome[]): string[] {
  const lines = outcomes.flatMap((outcome) => {
    if (outcome.kind === "skipped")
      return [`- ${outcome.peer.title}: skipped, ${outcome.missing} is missing; \`${outcome.install}\` installs it`];
    return outcome.kind === "failed" ? [`- ${outcome.peer.title}: failed, ${firstLine(outcome.reason)}`] : [];
  });
  return lines.length === 0 ? [] : ["## Not measured", lines.join("\n")];
}

function unlike({ peer, versions }: Outcome): string {
  const lines = [`Durable in: ${peer.durability}.`, ...peer.unlike].map((line) => `- ${line}`);
  return `**${peer.title}** (${versions.join(", ")})\n\n${lines.join("\n")}`;
}

/** Of what a worker said; a path of this machine has no place on a page. */
function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replaceAll(/(?:\/[^\s/'"]+){2,}/g, NOTHING);
}

/** A column's title that begins with `>` is set to the right. */
function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map((column) => column.replace(/^>/, ""));
  const rule = columns.map((column) => (column.startsWith(">") ? "--:" : "---"));
  return [titles, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
