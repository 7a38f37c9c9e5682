import process from "node:process";
import { parseArgs } from "node:util";
import { shortestPrefix } from "./shortest-prefix.ts";
import { simulate, type SimulationResult } from "./simulate.ts";

// The command line of the simulation: one seed, some, or all there are until somebody stops it.

const HELP = `Usage: npm run sim -- [--seed N] [--seeds COUNT | --forever] [--steps N] [--trace] [--json]

  --seed N       the seed to run, or to begin with (default 1)
  --seeds COUNT  how many seeds (default 1 with --seed, else 200)
  --forever      seed after seed until one fails, or Ctrl-C
  --steps N      stop the faults after N simulated steps (default: after a virtual minute)
  --trace        print what happened, with every fact
  --json         print a line of figures for each seed

Examples:
  npm run sim -- --seeds 2000             seeds 1 to 2000, up to the first that breaks a rule
  npm run sim -- --seed 2001 --seeds 500  seeds 2001 to 2500
  npm run sim -- --forever --seed 100000  for the night
  npm run sim -- --seed 17                one run, with its figures
  npm run sim -- --seed 17 --trace        the same run again, with all that happened in it

How to replay a failure:
  1. The last lines name the seed, the checker whose rule was broken (test/simulation/checkers) and the place: the last four
     digits of the plan's id and how many facts the plan had. Then the fewest steps with faults are searched for after which
     the run still breaks the rule, and the command that repeats exactly that is printed.
  2. Run that command. Every choice comes from the seed, so it is the same run on any machine, as long as the sources are
     the same. A line is the virtual time in ms and what happened; an indented one is a fact: plan, revision, type, data.
     \`--trace | grep 1146\` is the story of the plan ...1146, with what people asked of it.
  3. Write the story down as a test of the rule (test/machines, test/runtime), small enough to need no seed; then mend it.
  4. Run the seed again, and some hundred others: mended sources may take another way from there on.
`;

const TELL_EVERY_MS = 10_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    steps: { type: "string" },
    forever: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

process.stdout.on("error", () => process.exit());
process.exitCode = values.help ? help() : await run();

function help(): number {
  process.stdout.write(HELP);
  return 0;
}

async function run(): Promise<number> {
  const first = wholeNumber("seed", values.seed, 1);
  const count = values.forever ? Infinity : wholeNumber("seeds", values.seeds, values.seed === undefined ? 200 : 1);
  const maxFaultySteps = values.steps === undefined ? undefined : wholeNumber("steps", values.steps, 0);
  const totals = { seeds: 0, steps: 0 };
  const stopped = new AbortController();
  process.once("SIGINT", () => stopped.abort());
  let toldAt = performance.now();
  for (let seed = first; seed < first + count && !stopped.signal.aborted; seed++) {
    const result = await simulate(seed, {
      withFacts: values.trace,
      ...(maxFaultySteps === undefined ? {} : { maxFaultySteps }),
    });
    totals.seeds++;
    totals.steps += result.steps;
    show(result, count === 1);
    if (result.violation !== undefined) return fail(result);
    if (performance.now() - toldAt < TELL_EVERY_MS) continue;
    toldAt = performance.now();
    process.stderr.write(`${totals.seeds} seeds, ${totals.steps} simulated steps so far\n`);
  }
  process.stdout.write(`${totals.seeds} seeds, ${totals.steps} simulated steps, no violation\n`);
  return stopped.signal.aborted ? 130 : 0;
}

function show({ trace, ...figures }: SimulationResult, isOnly: boolean): void {
  if (values.trace) process.stdout.write(`${trace.join("\n")}\n`);
  if (isOnly || values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
}

async function fail(failed: SimulationResult): Promise<number> {
  const { seed, violation } = failed;
  process.stdout.write(`seed ${seed} fails: ${violation}\n`);
  const tell = (steps: number): void => void process.stderr.write(`does it fail with ${steps} steps of faults?\n`);
  const { steps, result } = await shortestPrefix(failed, tell);
  process.stdout.write(`shortest failing prefix: ${steps} steps with faults, ${result.steps} in all\n`);
  if (result.violation !== violation) process.stdout.write(`there: ${result.violation}\n`);
  process.stdout.write(`repeat it: npm run sim -- --seed ${seed} --steps ${steps} --trace\n`);
  return 1;
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name} takes a whole number, not ${text}\n`);
  process.exit(2);
}
