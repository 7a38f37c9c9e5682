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
  --seeds COUNT  how many seeds (default 1 with --seed, else 50)
  --trace        print what happened

Examples:
  npm run sim -- --seed 17 --trace    repeats one run
  npm run sim -- --seeds 500          seeds 1 to 500
`);
  process.exit(0);
}

const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? (values.seed === undefined ? 50 : 1));
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
