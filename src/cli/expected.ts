import { DEFAULT_SLOTS } from "#src/compose.ts";
import type { JsonObject } from "#events/json.ts";
import { reading } from "#src/cli/connection.ts";
import type { CheckedPlan } from "#src/cli/plan-file.ts";
import { isSomewhere, type PlaceFlags } from "#src/cli/serving.ts";
import type { Finding } from "#src/language/finding.ts";
import { Report } from "#src/language/report.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import type { PlanEstimate } from "#src/planning/estimate/plan-estimate.ts";
import { historyFrom, NO_HISTORY, type Durations } from "#src/planning/estimate/tool-history.ts";
import { validated } from "#src/planning/validation/validate.ts";
import type { Limits } from "#src/ports/limits.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// What a plan of a file is expected to take, and what validation finds in it, with places in that file. Who wrote the plan and validates
// it by hand is not asked for approvals: that is for plans that somebody else made.

export interface ExpectedFrom {
  readonly tools: ToolRegistry;
  readonly limits: Limits;
  readonly inputs: JsonObject | undefined;
  readonly flags: PlaceFlags & { readonly slots?: number };
}

export interface Expected {
  readonly estimate: PlanEstimate;
  readonly findings: readonly Finding[];
}

/** With what runs of the tools have shown, where there is a store. Faults: those of reading. */
export async function expectedOf({ definition, source }: CheckedPlan, from: ExpectedFrom): Promise<Expected> {
  const { tools, limits, inputs, flags } = from;
  const durations = await durationsOf(flags);
  const slots = flags.slots ?? flags.configuration?.settings.slots ?? DEFAULT_SLOTS;
  const given = inputs === undefined ? {} : { inputs };
  const estimate = estimated(definition, { durations, limits, slots, now: systemClock.now(), ...given });
  const report = new Report(source, source.root);
  for (const finding of validated(definition, { catalog: tools, granted: UNASKED, limits, estimate })) {
    const { severity, path, code, message, suggestion, spot } = finding;
    report[severity](path, { code, message, suggestion }, spot);
  }
  return { estimate, findings: report.findings() };
}

const UNASKED = { approveIrreversible: false, permissions: ["*"] };

async function durationsOf(flags: PlaceFlags): Promise<Durations> {
  if (!isSomewhere(flags)) return NO_HISTORY;
  const { tools } = await reading(flags, (client) => client.toolStatistics({}));
  return historyFrom(tools);
}
