import process from "node:process";
import { parseArgs } from "node:util";
import type { Json } from "#events/json.ts";
import { campaign, type LaneResult, type Progress } from "./campaign.ts";
import { Judge } from "./judge.ts";
import { randomOf } from "./randomness.ts";
import { sharesOf } from "./shares.ts";
import { targets } from "./targets.ts";

// `npm run fuzz`: hostile input for every border, from one seed.

const DEFAULT_CASES = 10_000;

const HELP = `Usage: npm run fuzz -- [--cases N] [--seed S] [--only NAMES] [--case K] [--json]

Hands hostile input to every border of the program: ${Object.keys(targets).join(", ")}.

  --cases N     how many (default ${DEFAULT_CASES}), shared among the targets
  --seed S      the seed that all of them are drawn from (default 1)
  --only NAMES  only these targets, separated by commas
  --case K      only case number K of one target, with its input
  --json        print one JSON document

A case breaks a rule when the program throws what is no fault, does not come back, dies, answers 5xx, changes a shared
prototype, reads or writes beside its folder, or holds more and more memory.

How to repeat a failure:
  The last lines name the target, the seed and the number of the case, with the command that runs it alone, and the
  smallest input that was found to break the same rule. Where it needs the cases before it, the command runs those too.

Exit codes: 0 no rule was broken, 1 one was, 2 the command is not right, 130 interrupted.
`;

const OPTIONS = {
  cases: { type: "string" },
  seed: { type: "string" },
  only: { type: "string" },
  case: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

class Wrong extends Error {}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new Wrong(`--${name} takes a whole number, not ${JSON.stringify(text)}`);
}

function namesOf(only: string | undefined): readonly string[] {
  const names = only?.split(",").map((name) => name.trim()) ?? Object.keys(targets);
  const unknown = names.find((name) => targets[name] === undefined);
  if (unknown === undefined) return names;
  throw new Wrong(`there is no target ${JSON.stringify(unknown)}; there are ${Object.keys(targets).join(", ")}`);
}

interface Asked {
  readonly seed: number;
  readonly shares: ReadonlyMap<string, number>;
  /** Number of the first case of every share. */
  readonly first: number;
  readonly json: boolean;
}

/** What was asked for; undefined where that was help. */
function asked(): Asked | undefined {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return undefined;
  const seed = numberOf("seed", values.seed, 1);
  const names = namesOf(values.only);
  const cases = numberOf("cases", values.cases, DEFAULT_CASES);
  if (values.case === undefined) return { seed, shares: sharesOf(names, cases), first: 0, json: values.json };
  if (names.length !== 1) throw new Wrong("--case is a number of one target: name it by --only");
  const shares = new Map(names.map((name) => [name, 1]));
  return { seed, shares, first: numberOf("case", values.case, 0), json: values.json };
}

async function main(): Promise<number> {
  const order = asked();
  if (order === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const { seed, json } = order;
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const { signal } = interrupted;
  const table = new URL("targets.ts", import.meta.url).href;
  const results = await campaign({ ...order, table, signal, ...(json ? {} : { onProgress: progressLines() }) });
  if (json) say(JSON.stringify({ seed, results }));
  else for (const result of results) await printResult(result, seed);
  if (signal.aborted) return 130;
  return results.some(({ found }) => found !== undefined) ? 1 : 0;
}

/** A line whenever a target has done another tenth. */
function progressLines(): (progress: Progress) => void {
  const told = new Map<string, number>();
  return ({ target, done, of }) => {
    const tenth = Math.floor((10 * done) / of);
    if (tenth <= (told.get(target) ?? 0)) return;
    told.set(target, tenth);
    process.stderr.write(`${target}: ${done} of ${of}\n`);
  };
}

const MOST_OUTCOMES = 8;
const MIB = 1024 * 1024;

async function printResult(
  { target, cases, tally, elapsedMs, growthBytes, peakBytes, found }: LaneResult,
  seed: number,
): Promise<void> {
  const outcomes = Object.entries(tally).slice(0, MOST_OUTCOMES);
  const memory = `${Math.round(peakBytes / MIB)} MiB at most, ${Math.round(growthBytes / MIB)} MiB more at the end`;
  say(`${target}: ${cases} cases in ${(elapsedMs / 1_000).toFixed(1)} s; ${memory}`);
  say(
    `  ${outcomes.map(([outcome, count]) => `${outcome} ${count}`).join(", ")} (${Object.keys(tally).length} outcomes)`,
  );
  if (found === undefined) return;
  const alone = `npm run fuzz -- --only ${target} --seed ${seed} --case ${found.case}`;
  const repeat =
    found.isAlone || found.smallest === null
      ? alone
      : `npm run fuzz -- --only ${target} --seed ${seed} --cases ${found.case + 1}`;
  const smallest = found.smallest ?? (await drawn(target, seed, found.case));
  say(`  case ${found.case} breaks a rule: ${found.violation}`);
  say(`  smallest input: ${JSON.stringify(smallest)}`);
  say(`  repeat it: ${repeat}`);
}

/** The input of a case that its lane did not live to tell. */
async function drawn(target: string, seed: number, number: number): Promise<Json> {
  const open = targets[target];
  if (open === undefined) return null;
  await using judge = await Judge.open(target, open);
  return judge.target.draw(randomOf(seed, number));
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof Wrong || (error instanceof TypeError && "code" in error);
  process.stderr.write(
    `${error instanceof Error ? error.message : String(error)}\n${isUsage ? "npm run fuzz -- --help shows what it takes\n" : ""}`,
  );
  process.exitCode = isUsage ? 2 : 1;
}
