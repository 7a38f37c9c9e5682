import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median, type Suite } from "../metric.ts";

// What a command costs before it does anything, over an empty Node process; the built package.
// Whole processes are timed, in turn with the empty one, because that is what a person at a terminal waits for.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = join(ROOT, "src/cli/planwright.cjs");
const TIMES = 11;

const PLAN = `plan: three
steps:
  one:
    value: 1
  two:
    tool: text.count
    with: { text: "one two" }
  three:
    tool: text.count
    with: { text: "\${steps.one.output} and \${steps.two.output.words}" }
respond: "\${steps.three.output.words} words"
`;

export const start: Suite = async (directory) => {
  if (!existsSync(join(ROOT, "dist/src/cli/main.js"))) {
    throw new Error("the start suite measures the built package: run `npm run build` first");
  }
  const plan = join(directory, "three.plan.yaml");
  writeFileSync(plan, PLAN);
  const empty = milliseconds(directory, ["-e", "0"]);
  const version = milliseconds(directory, [BIN, "--version"]);
  const three = milliseconds(directory, [BIN, "run", plan, "--plain", "--store", join(directory, "store")]);
  return Promise.resolve([
    { suite: "start", metric: "version_ms", value: version - empty, unit: "ms" },
    { suite: "start", metric: "three_steps_ms", value: three - empty, unit: "ms" },
  ]);
};

function milliseconds(directory: string, args: readonly string[]): number {
  const times = Array.from({ length: TIMES }, () => {
    const startedAt = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: directory,
      env: { ...process.env, PLANWRIGHT_DIST: "1" },
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
    return performance.now() - startedAt;
  });
  return median(times);
}
