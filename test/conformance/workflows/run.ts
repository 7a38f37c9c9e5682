import { parseArgs } from "node:util";
import { criticalPathMs, grahamMs } from "./bounds.ts";
import { violations } from "./judge.ts";
import { runWorkflow } from "./run-workflow.ts";
import { stopOf } from "./stop.ts";
import { HEADING, row, total, type Line } from "./table.ts";
import { edgesOf, FOLDER, FOLDER_SHOWN, readWorkflow, workflowNames } from "./workflow.ts";

// `npm run workflows`: the workflows of the traces through the engine in virtual time, one line each.

const HELP = `Usage: npm run workflows -- [NAME ...] [--slots N] [--seed N] [--stop] [--json] [--data DIR]

Runs workflows of recorded traces (WfCommons, WfFormat 1.5) as plans on the real runtime in virtual time: a step a task, which takes
as long as the trace says. A line tells the length of the longest chain, how long the run took in virtual time, what list scheduling
takes at most, and the wall time. Exits with 1 where a run breaks a rule (test/conformance/workflows/judge.ts).

  NAME        workflows whose names begin so (default: all)
  --slots N   attempts that run at once (default 8); \`all\`: as many as there are tasks
  --seed N    order of what happens at one moment, and where the run is stopped (default 1)
  --stop      stop each in the middle: closed, or killed before an append or before its answer; and go on over the same store
  --json      print one JSON document in place of the table
  --data DIR  folder of the traces (default: ${FOLDER_SHOWN}, seen from the project's root)

Examples:
  npm run workflows
  npm run workflows -- montage --slots all
  npm run workflows -- seismology-chameleon-700p --stop --seed 17
`;

interface Wishes {
  readonly folder: string;
  readonly slots: number | undefined;
  readonly seed: number;
  readonly isStopped: boolean;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = readArguments();
  if (typeof asked === "string") return complain(asked);
  const { values, positionals } = asked;
  if (values.help) return say(HELP, 0);
  const wishes = wishesOf(values);
  if (typeof wishes === "string") return complain(wishes);
  const there = workflowNames(wishes.folder);
  if (there.length === 0)
    return complain(`there are no traces of workflows in ${values.data}: --data names their folder`);
  const names = there.filter((name) => positionals.length === 0 || positionals.some((start) => name.startsWith(start)));
  if (names.length === 0) return complain(`no workflow begins with ${positionals.join(" or ")}`);
  const lines = await runAll(names, wishes, (text) => !values.json && process.stdout.write(`${text}\n`));
  if (values.json) say(`${JSON.stringify(lines, undefined, 2)}\n`, 0);
  return lines.every((line) => line.violations.length === 0) ? 0 : 1;
}

interface Asked {
  readonly slots: string;
  readonly seed: string;
  readonly stop: boolean;
  readonly data: string;
}

/** What is wrong with it, where something is. */
function wishesOf({ slots: said, seed: number, stop, data }: Asked): Wishes | string {
  const slots = said === "all" ? undefined : Number(said);
  if (slots !== undefined && !(Number.isInteger(slots) && slots > 0))
    return `--slots is a number above 0 or "all", not ${said}`;
  const seed = Number(number);
  if (!Number.isInteger(seed)) return `--seed is a whole number, not ${number}`;
  return { folder: data, slots, seed, isStopped: stop };
}

function readArguments() {
  const options = {
    slots: { type: "string", default: "8" },
    seed: { type: "string", default: "1" },
    stop: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    data: { type: "string", default: FOLDER },
    help: { type: "boolean", default: false },
  } as const;
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function runAll(names: readonly string[], wishes: Wishes, print: (text: string) => void): Promise<Line[]> {
  print(HEADING);
  const lines: Line[] = [];
  for (const name of names) {
    const line = await runOne(name, wishes);
    lines.push(line);
    print(row(line));
    for (const violation of line.violations) print(`  ${violation}`);
  }
  print(total(lines));
  return lines;
}

async function runOne(name: string, { folder, slots: wanted, seed, isStopped }: Wishes): Promise<Line> {
  const workflow = readWorkflow(name, folder);
  const { tasks } = workflow;
  const slots = wanted ?? tasks.length;
  const stop = isStopped ? { stop: stopOf(workflow, seed) } : {};
  const beganMs = performance.now();
  const run = await runWorkflow(workflow, { slots, seed, ...stop });
  return {
    workflow: name,
    tasks: tasks.length,
    edges: edgesOf(workflow),
    slots,
    criticalPathMs: criticalPathMs(tasks),
    makespanMs: run.makespanMs,
    boundMs: grahamMs(tasks, slots),
    facts: run.facts.length,
    wallMs: performance.now() - beganMs,
    ...(stop.stop === undefined ? {} : { stopped: `${stop.stop.kind}, at fact ${stop.stop.afterFacts}` }),
    violations: violations(run),
  };
}

function say(text: string, exitCode: number): number {
  process.stdout.write(text);
  return exitCode;
}

function complain(problem: string): number {
  process.stderr.write(`${problem}\nnpm run workflows -- --help tells what there is\n`);
  return 2;
}
