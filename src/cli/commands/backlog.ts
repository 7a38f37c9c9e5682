import { stringify } from "yaml";
import type { JsonObject } from "#events/json.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { refuseFindings } from "#src/cli/findings.ts";
import { grantsOf } from "#src/cli/grants.ts";
import { outputsOf, runOwnPlan, tellEnding, type OwnPlanFlags } from "#src/cli/own-plan.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { BACKLOG_PLAN, BACKLOG_TOOL } from "#src/implementation/plan-names.ts";

// `backlog`: what the history of the store says is missing, as a file of requirements that `assess` takes. It is asked by a plan, so that
// it is in the history itself when and with what it was.

export interface BacklogFlags extends OwnPlanFlags {
  readonly requests: number;
}

const SOURCE: JsonObject = {
  plan: BACKLOG_PLAN,
  inputs: { requests: { type: "integer", description: "How many are looked at, the newest ones." } },
  steps: { backlog: { tool: BACKLOG_TOOL, with: { requests: "${inputs.requests}" } } },
  outputs: { backlog: "${steps.backlog.output}" },
};

/** Faults: those of opening a store and of starting a plan. */
export async function backlog(flags: BacklogFlags, terminal: Terminal): Promise<ExitCode> {
  const plan = { name: BACKLOG_PLAN, source: SOURCE, inputs: { requests: flags.requests } };
  const ran = await runOwnPlan("backlog", { flags, grants: grantsOf(flags), terminal }, () => plan);
  if (!ran.ok) return refuseFindings(ran.findings, terminal, flags.json === true);
  const found = outputsOf(ran.value)?.["backlog"];
  if (found === undefined) return tellEnding(ran.value, flags, terminal);
  terminal.out(flags.json === true ? JSON.stringify(found) : stringify(found).trimEnd());
  return EXIT.ok;
}
