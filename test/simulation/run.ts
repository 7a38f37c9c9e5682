import { parseArgs } from "node:util";
import { simulate } from "./simulate.ts";

// `npm run sim -- --seed N` repeats one run; `--seeds N` (from --seed on, or 1) runs many and stops at the first failure.

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    trace: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(`Usage: npm run sim -- [--seed N] [--seeds COUNT] [--trace]

  --seed N       the seed to run, or to begin with (default 1)
  --seeds COUNT  how many seeds (default 1 with --seed, else 200)
  --trace        print what happened, with every fact

Examples:
  npm run sim -- --seeds 2000             seeds 1 to 2000, up to the first that breaks a rule
  npm run sim -- --seed 2001 --seeds 500  seeds 2001 to 2500
  npm run sim -- --seed 17                one run, with its figures
  npm run sim -- --seed 17 --trace        the same run again, with all that happened in it

How to replay a failure:
  1. The last lines name the seed, the checker whose rule was broken (test/simulation/checkers) and the place: the last four
     digits of the plan's id and how many facts the plan had.
  2. Run that seed with --trace. Every choice comes from the seed, so it is the same run on any machine, as long as the
     sources are the same. A line is the virtual time in ms and what happened; an indented one is a fact: plan, revision,
     type, data. \`--trace | grep 1146\` is the story of the plan ...1146, with what people asked of it.
  3. Write the story down as a test of the rule (test/machines, test/runtime), small enough to need no seed; then mend it.
  4. Run the seed again, and some hundred others: mended sources may take another way from there on.
`);
  process.exit(0);
}

const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? (values.seed === undefined ? 200 : 1));
let steps = 0;
for (let seed = first; seed < first + count; seed++) {
  const result = await simulate(seed, { withFacts: values.trace });
  steps += result.steps;
  if (values.trace) process.stdout.write(`${result.trace.join("\n")}\n`);
  if (count === 1) process.stdout.write(`${JSON.stringify({ ...result, trace: undefined })}\n`);
  if (result.violation !== undefined) {
    process.stdout.write(`seed ${seed} fails: ${result.violation}\nrepeat it: npm run sim -- --seed ${seed} --trace\n`);
    process.exit(1);
  }
}
process.stdout.write(`${count} seeds, ${steps} simulated steps, no violation\n`);
