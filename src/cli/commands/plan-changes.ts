import { writeFile } from "node:fs/promises";
import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { jsonObject, type JsonObject } from "#events/json.ts";
import { draftLines, type DraftForms } from "#src/cli/draft-text.ts";
import type { Ending } from "#src/cli/ending.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { grantsOf } from "#src/cli/grants.ts";
import type { HolderFlags } from "#src/cli/holder.ts";
import {
  followOwnPlan,
  leaveOwnPlan,
  outputsOf,
  placeIn,
  tellEnding,
  withOwnPlans,
  type OwnAround,
} from "#src/cli/own-plan.ts";
import type { ReportFlags } from "#src/cli/reporter.ts";
import { requirementsIn } from "#src/cli/requirements-file.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { DEFAULT_SLOTS } from "#src/compose.ts";
import { DRAFTING_OUTPUT, draftingPlan, type DraftingAsked } from "#src/implementation/drafting/drafting-plan.ts";
import { shownDraft, type ShownDraft } from "#src/implementation/drafting/shown-draft.ts";
import { assessment } from "#src/implementation/gaps/gap.ts";
import { DRAFTING_PLAN } from "#src/implementation/plan-names.ts";
import { readSource } from "#src/plan-files/source-file.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { yamlText } from "#src/templates/yaml-text.ts";

// `plan-changes`: assesses a directory and drafts changes that close its gaps, both as a plan of the store; shows them; and starts the plan
// of the changes, which waits for approvals and for `implement`.

export interface PlanChangesFlags extends HolderFlags, ReportFlags, DraftForms {
  readonly requirements: string;
  readonly cache: boolean;
  /** A file with an assessment, in the place of asking. */
  readonly assessment?: string;
  readonly only?: readonly string[];
  readonly max?: number;
  readonly out?: string;
  readonly model?: string;
  readonly dryRun?: boolean;
}

/** Faults: `requirements-unreadable`, `assessment-unreadable`, `out-unwritable`, `outside-root`, those of opening a store and of starting a plan. */
export async function planChanges(directory: string, flags: PlanChangesFlags, terminal: Terminal): Promise<ExitCode> {
  const isJson = flags.json === true;
  const grants = grantsOf({ ...flags, root: flags.root ?? directory });
  const read = requirementsIn(flags.requirements);
  if (!read.ok) return refuseFindings(read.findings, terminal, isJson);
  if (!isJson) printWarnings(read.value.warnings, terminal);
  const found = flags.assessment === undefined ? undefined : readAssessment(flags.assessment);
  const asked = {
    file: read.value.file,
    ...{ key: randomText(), slots: flags.slots ?? flags.configuration?.settings.slots ?? DEFAULT_SLOTS },
    ...{ only: flags.only, max: flags.max, model: flags.model },
  };
  return withOwnPlans("plan-changes", { flags, grants, terminal }, (around) => {
    // An assessment says it from the root of whoever made it.
    const place = placeIn(around, directory);
    const about =
      found === undefined
        ? { directory: place, assessment: randomText(), cache: flags.cache }
        : { ...found, directory: place };
    return drafting({ ...asked, about }, flags, around);
  });
}

async function drafting(asked: DraftingAsked, flags: PlanChangesFlags, around: OwnAround): Promise<ExitCode> {
  const { terminal } = around;
  const ran = await followOwnPlan({ name: DRAFTING_PLAN, ...draftingPlan(asked) }, around);
  if (!ran.ok) return refuseFindings(ran.findings, terminal, flags.json === true);
  const ending = ran.value;
  const found = foundIn(ending);
  if (found === undefined) return tellEnding(ending, flags, terminal);
  return leftWaiting({ ...found, drafting: ending.plan }, flags, around);
}

interface Found {
  readonly plan: JsonObject | null;
  readonly draft: ShownDraft;
  /** The plan that drafted. */
  readonly drafting: string;
}

/** Shown, written and started, as far as that is asked for. */
async function leftWaiting(found: Found, flags: PlanChangesFlags, around: OwnAround): Promise<ExitCode> {
  const { terminal } = around;
  const { plan: source, draft } = found;
  const isJson = flags.json === true;
  if (!isJson) for (const line of draftLines(draft, flags, terminal)) terminal.out(line);
  if (source === null) {
    tellWhatIs(found, undefined, around);
    return draft.open.length > 0 ? EXIT.failed : EXIT.ok;
  }
  if (flags.out !== undefined) await writeOut(flags.out, source);
  const left = flags.dryRun === true ? undefined : await leaveOwnPlan({ name: "changes", source, inputs: {} }, around);
  if (left?.ok === false) return refuseFindings(left.findings, terminal, isJson);
  tellWhatIs(found, left?.value, around);
  return EXIT.ok;
}

function tellWhatIs(found: Found, plan: string | undefined, { flags, terminal }: OwnAround): void {
  const { plan: source, draft, drafting } = found;
  if (flags.json === true) terminal.out(JSON.stringify({ plan: plan ?? null, drafting, ...draft }));
  else if (plan !== undefined) tellNext(plan, terminal);
  else if (source === null) terminal.out(draft.open.length === 0 ? "nothing is missing" : "no gap can be closed");
}

function tellNext(plan: string, terminal: Terminal): void {
  terminal.out(plan);
  terminal.err(`it waits; look by: planwright review ${plan}`);
  terminal.err(`  agree by: planwright approve ${plan}`);
  terminal.err(`  begin by: planwright implement ${plan}`);
}

const drafted = z.object({
  plan: z.record(z.string(), z.unknown()).nullable(),
  draft: shownDraft,
});

function foundIn(ending: Ending) {
  const outputs = outputsOf(ending);
  if (outputs === undefined) return undefined;
  const { plan, draft } = drafted.parse(outputs[DRAFTING_OUTPUT]);
  return { plan: plan === null ? null : jsonObject.parse(plan), draft };
}

/** `assess --json` says its plan beside it. */
const printed = z.object(assessment.shape);

function readAssessment(name: string) {
  const parsed = readSource(name, "assessment-unreadable");
  const read = parsed.ok ? printed.safeParse(parsed.source.root.value) : undefined;
  if (read?.success === true) return read.data;
  throw new Fault("assessment-unreadable", `${name} is not what \`planwright assess --json\` prints`);
}

async function writeOut(file: string, source: JsonObject): Promise<void> {
  const text = file.toLowerCase().endsWith(".json") ? `${JSON.stringify(source, null, 2)}\n` : yamlText(source);
  try {
    await writeFile(file, text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("out-unwritable", `${file} cannot be written: ${why}`, { cause });
  }
}

const TEXT_BYTES = 5;

function randomText(): string {
  return Buffer.from(systemRandom.bytes(TEXT_BYTES)).toString("hex");
}
