import { relative } from "node:path";
import process from "node:process";
import type { MutantResult, StrykerOptions } from "@stryker-mutator/api/core";
import { commonTokens, tokens } from "@stryker-mutator/api/plugin";
import type { MutationTestingPlanReadyEvent, Reporter } from "@stryker-mutator/api/report";
import { keep, plannedOf, triedOf, type Keeping, type PlannedMutant } from "../kept.ts";

// Writes each result down as soon as it is known, so that an interrupted run has lost nothing, and says how far it is.

const PROGRESS_EVERY = 100;

export class KeptResults implements Reporter {
  static readonly inject = tokens(commonTokens.options);
  private readonly keeping: Keeping;
  private planned = 0;
  private done = 0;
  private unkilled = 0;

  constructor(options: StrykerOptions) {
    this.keeping = (options as StrykerOptions & { readonly keeping: Keeping }).keeping;
  }

  onMutationTestingPlanReady({ mutantPlans }: MutationTestingPlanReadyEvent): void {
    this.planned = mutantPlans.length;
    const plans = new Map<string, PlannedMutant[]>(this.keeping.whole.map((file) => [file, []]));
    for (const { mutant } of mutantPlans) plans.get(pathOf(mutant))?.push(plannedOf(mutant));
    for (const [file, planned] of plans) keep(this.keeping.file, { file, hash: this.hashOf(file), planned });
    const atLoad = mutantPlans.filter(({ mutant }) => mutant.static === true).length;
    process.stderr.write(`${this.planned} mutants, ${atLoad} of them reached while the sources load\n`);
  }

  onMutantTested(result: Readonly<MutantResult>): void {
    const file = pathOf(result);
    keep(this.keeping.file, { file, hash: this.hashOf(file), tried: triedOf(result) });
    if (result.status !== "Killed" && result.status !== "Timeout") this.unkilled++;
    if (++this.done % PROGRESS_EVERY === 0)
      process.stderr.write(`${this.done} of ${this.planned} mutants, ${this.unkilled} of them not killed\n`);
  }

  private hashOf(file: string): string {
    return this.keeping.hashes[file] ?? "";
  }
}

function pathOf({ fileName }: { readonly fileName: string }): string {
  return relative(process.cwd(), fileName);
}
