import { stepTree } from "#projections/step-tree.ts";
import { stepGraph } from "#machines/graph.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { hasErrors, printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { openTools, type OpenTools } from "#src/cli/open-tools.ts";
import { readInputs, readPlan, type PlanSurroundings, type Read } from "#src/cli/plan-file.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural } from "#src/cli/text.ts";
import type { Finding } from "#src/language/finding.ts";
import type { PlanEstimate } from "#src/planning/estimate/plan-estimate.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { estimateLines } from "#src/cli/estimate-text.ts";
import { expectedOf } from "#src/cli/expected.ts";
import type { PlaceFlags } from "#src/cli/serving.ts";

// `validate`: everything that `run` would check before it starts, without a store.
// It prints the steps as the tree that `run` will show. With `--estimate` also what the plan is expected to take, after what runs of
// its tools in the store have shown, and whether what it reads is there on every branch.

export interface ValidateFlags extends PlaceFlags {
  readonly tools?: readonly string[];
  readonly input: readonly string[];
  readonly inputs?: string;
  readonly json?: boolean;
  readonly estimate?: boolean;
  readonly slots?: number;
}

/** Checks a plan, and its inputs where some are given, without running anything; only an estimate looks into a store. */
export async function validate(file: string, flags: ValidateFlags, terminal: Terminal): Promise<ExitCode> {
  const { configuration } = flags;
  await using opened = await openTools(flags.tools, { configuration, tell: (line) => terminal.err(line) });
  const read = await readAll(file, flags, surroundings(flags, opened));
  if (!read.ok) return refuseFindings(read.findings, terminal, flags.json === true);
  const { definition, warnings, estimate } = read.value;
  printWarnings(warnings, terminal);
  if (flags.json === true) {
    terminal.out(JSON.stringify({ ok: true, definition, warnings, ...(estimate === undefined ? {} : { estimate }) }));
    return EXIT.ok;
  }
  printPlan(definition, terminal);
  if (estimate !== undefined) for (const line of estimateLines(estimate, terminal)) terminal.out(line);
  return EXIT.ok;
}

interface Validated {
  readonly definition: PlanDefinition;
  readonly warnings: readonly Finding[];
  readonly estimate?: PlanEstimate;
}

async function readAll(file: string, flags: ValidateFlags, around: PlanSurroundings): Promise<Read<Validated>> {
  const plan = await readPlan(file, around);
  if (!plan.ok) return plan;
  const areGiven = flags.input.length > 0 || flags.inputs !== undefined;
  const given = areGiven ? await readInputs(flags, plan.value.definition) : undefined;
  if (given?.ok === false) return given;
  if (flags.estimate !== true) return plan;
  const { estimate, findings } = await expectedOf(plan.value, { ...around, flags, inputs: given?.value });
  const warnings = [...plan.value.warnings, ...findings];
  if (hasErrors(warnings)) return { ok: false, findings: warnings };
  return { ok: true, value: { definition: plan.value.definition, warnings, estimate } };
}

function printPlan(definition: PlanDefinition, terminal: Terminal): void {
  terminal.out(
    `${terminal.paint("green", "valid")}: plan ${definition.name}, ${plural(definition.steps.length, "step")}`,
  );
  for (const { step, indent } of stepTree(stepGraph(definition))) {
    const { id, needs } = definition.steps[step] ?? { id: "", needs: [] };
    const after = needs.length === 0 ? "" : terminal.paint("dim", `  after ${needs.join(", ")}`);
    terminal.out(`  ${"  ".repeat(indent)}${id}${after}`);
  }
}

function surroundings({ configuration }: ValidateFlags, { tools }: OpenTools): PlanSurroundings {
  const { plans = [] } = configuration?.settings ?? {};
  return { tools, plans, limits: limitsFrom(configuration?.settings) };
}
