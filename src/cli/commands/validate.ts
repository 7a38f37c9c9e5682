import { stepTree } from "#projections/step-tree.ts";
import { stepGraph } from "#machines/graph.ts";
import { toolRegistry } from "#src/compose.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { readInputs, readPlan, type PlanSurroundings } from "#src/cli/plan-file.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural } from "#src/cli/text.ts";
import { loadTools } from "#src/cli/tool-modules.ts";
import type { Configuration } from "#src/config/configuration.ts";

// `validate`: everything that `run` would check before it starts, without a store.
// It prints the steps as the tree that `run` will show.

export interface ValidateFlags {
  readonly tools?: readonly string[];
  readonly input: readonly string[];
  readonly inputs?: string;
  readonly json?: boolean;
  readonly configuration?: Configuration;
}

/** Checks a plan, and its inputs where some are given, without running anything or touching a store. */
export async function validate(file: string, flags: ValidateFlags, terminal: Terminal): Promise<ExitCode> {
  const json = flags.json === true;
  const read = await readPlan(file, await surroundings(flags));
  if (!read.ok) return refuseFindings(read.findings, terminal, json);
  const { definition, warnings } = read.value;
  if (flags.input.length > 0 || flags.inputs !== undefined) {
    const inputs = await readInputs(flags, definition);
    if (!inputs.ok) return refuseFindings(inputs.findings, terminal, json);
  }
  printWarnings(warnings, terminal);
  if (json) {
    terminal.out(JSON.stringify({ ok: true, definition, warnings }));
    return EXIT.ok;
  }
  terminal.out(
    `${terminal.paint("green", "valid")}: plan ${definition.name}, ${plural(definition.steps.length, "step")}`,
  );
  for (const { step, indent } of stepTree(stepGraph(definition))) {
    const { id, needs } = definition.steps[step] ?? { id: "", needs: [] };
    const after = needs.length === 0 ? "" : terminal.paint("dim", `  after ${needs.join(", ")}`);
    terminal.out(`  ${"  ".repeat(indent)}${id}${after}`);
  }
  return EXIT.ok;
}

async function surroundings({ tools, configuration }: ValidateFlags): Promise<PlanSurroundings> {
  const { tools: configured = [], plans = [] } = configuration?.settings ?? {};
  const limits = limitsFrom(configuration?.settings);
  return { tools: toolRegistry(await loadTools(tools ?? configured)), plans, limits };
}
