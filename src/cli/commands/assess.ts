import { assessmentLines } from "#src/cli/assessment-text.ts";
import type { Ending } from "#src/cli/ending.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { grantsOf } from "#src/cli/grants.ts";
import { outputsOf, placeIn, runOwnPlan, tellEnding, type OwnPlanFlags } from "#src/cli/own-plan.ts";
import { requirementsIn } from "#src/cli/requirements-file.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { ASSESSMENT_OUTPUT, ASSESSMENT_SOURCE, assessmentInputs } from "#src/implementation/gaps/assessment-plan.ts";
import { assessment, type Assessment } from "#src/implementation/gaps/gap.ts";
import { ASSESSMENT_PLAN } from "#src/implementation/plan-names.ts";
import { systemRandom } from "#src/ports/system/random.ts";

// `assess`: runs an assessment as a plan of the store, and tells what it found. It ends with 0 where every requirement is met, and with 1
// where one is not, or nobody knows.

export interface AssessFlags extends OwnPlanFlags {
  readonly requirements: string;
  readonly cache: boolean;
}

const ID_BYTES = 8;

/** Faults: `requirements-unreadable`, `plan-too-large`, `root-unusable`, `outside-root`, those of opening a store and of starting a plan. */
export async function assess(directory: string, flags: AssessFlags, terminal: Terminal): Promise<ExitCode> {
  const grants = grantsOf({ ...flags, root: flags.root ?? directory });
  const isJson = flags.json === true;
  const read = requirementsIn(flags.requirements);
  if (!read.ok) return refuseFindings(read.findings, terminal, isJson);
  if (!isJson) printWarnings(read.value.warnings, terminal);
  const asked = {
    ...{ file: read.value.file, cache: flags.cache },
    assessment: Buffer.from(systemRandom.bytes(ID_BYTES)).toString("hex"),
  };
  const ending = await runOwnPlan("assess", { flags, grants, terminal }, (around) => {
    const inputs = assessmentInputs({ ...asked, directory: placeIn(around, directory) });
    return { name: ASSESSMENT_PLAN, source: ASSESSMENT_SOURCE, inputs };
  });
  return ending.ok ? told(ending.value, flags, terminal) : refuseFindings(ending.findings, terminal, isJson);
}

function told(ending: Ending, flags: AssessFlags, terminal: Terminal): ExitCode {
  const found = foundIn(ending);
  if (found === undefined) return tellEnding(ending, flags, terminal);
  if (flags.json === true) terminal.out(JSON.stringify({ plan: ending.plan, ...found }));
  else for (const line of assessmentLines(found, terminal)) terminal.out(line);
  return found.answers.every(({ verdict }) => verdict === "met") ? EXIT.ok : EXIT.failed;
}

function foundIn(ending: Ending): Assessment | undefined {
  const outputs = outputsOf(ending);
  return outputs && assessment.parse(outputs[ASSESSMENT_OUTPUT]);
}
