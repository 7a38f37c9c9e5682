import { mkdirSync, readFileSync, rmSync } from "node:fs";
import type { PartialStrykerOptions } from "@stryker-mutator/api/core";
import { Stryker } from "@stryker-mutator/core";
import { hashOf, type Keeping } from "./kept.ts";
import { REPORTER, RUNNER } from "./runner/plugin.ts";
import type { SuiteOptions } from "./runner/warm-runner.ts";
import { KEPT, KEPT_FOLDER, mutateOf, type Slice } from "./slices.ts";

// One run of StrykerJS over a slice: it makes the mutants, puts all of them into a copy of the sources, and asks our runner what
// becomes of each. Results go to the file of kept results.

/** How long a mutant may take beyond what its tests take without it: a loop that does not end. */
const TIMEOUT_MS = 5_000;
/** A process is replaced after so many mutants: modules of old generations stay in memory. */
const MUTANTS_A_PROCESS = 300;

/** What the tests of one mutant may take together, had they no mutant. */
const BUDGET_MS = 1_500;

/** The killing suite: the law's own tests, and those that drive it hard through the language, the runtime and the views. */
const SUITE: SuiteOptions["killingSuite"] = {
  include: [
    "test/{machines,events,histories,language,projections}/**/*.test.ts",
    "test/runtime/{claims,payloads,prepared-definitions,recovery,turns,wide-each}.test.ts",
  ],
  exclude: [
    // Starts processes.
    "test/machines/charts-page.test.ts",
    // Counts what thousands of runs found, or takes its time on purpose.
    "test/machines/expressions/properties.test.ts",
    "test/language/{speed,extremes,plan-schema,plan-reference,docs,round-trip}.test.ts",
  ],
  budgetMs: BUDGET_MS,
};

/** Where copies of the sources are made. An interrupted run leaves its own, which the next one takes away. */
const SANDBOX = `${KEPT_FOLDER}/sandbox`;

export function clearSandbox(): void {
  rmSync(SANDBOX, { recursive: true, force: true });
}

export async function mutate(slice: Slice, concurrency: number): Promise<void> {
  const files = [...slice.whole, ...slice.parts.keys()];
  const hashes = Object.fromEntries(files.map((file) => [file, hashOf(readFileSync(file, "utf8"))]));
  mkdirSync(KEPT_FOLDER, { recursive: true });
  const options: PartialStrykerOptions & SuiteOptions & { readonly keeping: Keeping } = {
    mutate: [...mutateOf(slice)],
    plugins: [new URL("runner/plugin.ts", import.meta.url).href],
    testRunner: RUNNER,
    reporters: [REPORTER],
    coverageAnalysis: "perTest",
    concurrency,
    maxTestRunnerReuse: MUTANTS_A_PROCESS,
    timeoutMS: TIMEOUT_MS,
    disableTypeChecks: false,
    allowConsoleColors: false,
    warnings: false,
    tempDirName: SANDBOX,
    ignorePatterns: ["dist", "bench", "examples", KEPT_FOLDER],
    killingSuite: SUITE,
    keeping: { file: KEPT, hashes, whole: slice.whole },
  };
  // An enum of constants, which a source that is only stripped of its types cannot name.
  Object.assign(options, { logLevel: "warn" });
  await new Stryker(options).runMutationTest();
}
