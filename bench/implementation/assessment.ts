import path from "node:path";
import { checkSubmission } from "#src/api/submission.ts";
import { openPlanwright, type Planwright } from "#src/compose.ts";
import { filesOf } from "#src/implementation/codebase/listing/files.ts";
import { ASSESSMENT_SOURCE, assessmentInputs } from "#src/implementation/gaps/assessment-plan.ts";
import { ASSESSMENT_PLAN } from "#src/implementation/plan-names.ts";
import { answer } from "#src/implementation/gaps/gap.ts";
import { requirementsFile, type RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import { planLibrary } from "#src/language/called-plans.ts";
import { against, median, type Metric } from "../metric.ts";
import { writeRealisticTree } from "./realistic-tree.ts";
import { called, toolContext } from "./tool-context.ts";

// How long an assessment of many files takes when all that was answered before is known, beside listing the same files and looking at
// each of them once.

const FILES = 10_000;
const CHECKS = 100;
const TIMES = 5;
const MAX_WAIT_MS = 10 * 60 * 1000;

/** As a plan of a store, from its start to its end, answered before; beside it the same files listed and looked at. */
export async function assessmentMetrics(directory: string): Promise<readonly Metric[]> {
  const tree = path.join(directory, "assessed");
  await writeRealisticTree(tree, FILES);
  await using planwright = await openPlanwright({ store: path.join(directory, "store"), root: tree, socket: false });
  const file = requirements();
  const first = await assessed(planwright, file);
  const took: { readonly whole: number; readonly raw: number }[] = [];
  for (let time = 0; time < TIMES; time++) {
    const before = performance.now();
    await filesOf(toolContext(tree), ".");
    const raw = performance.now() - before;
    const again = await assessed(planwright, file);
    took.push({ whole: again, raw });
  }
  await ensureKept(planwright, file, tree);
  const suite = "implementation";
  const seconds = (which: "whole" | "raw"): number => median(took.map((one) => one[which])) / 1000;
  return [
    { suite, metric: `first_assessment_s@${FILES}`, value: first / 1000, unit: "s" },
    against({ suite, metric: `assessment_s@${FILES}`, value: seconds("whole"), unit: "s" }, seconds("raw")),
  ];
}

let asked = 0;

/** In ms. */
async function assessed({ engine, tools }: Planwright, file: RequirementsFile): Promise<number> {
  asked += 1;
  const inputs = assessmentInputs({ file, directory: ".", assessment: `bench-${asked}`, cache: true });
  const submission = { source: ASSESSMENT_SOURCE, file: ASSESSMENT_PLAN, inputs };
  const before = performance.now();
  const checked = checkSubmission(submission, { tools, library: planLibrary([]) });
  if (!checked.ok) throw new Error(JSON.stringify(checked.findings));
  const plan = await engine.start(checked.definition, checked.inputs);
  const { value } = (await engine.settled(plan, AbortSignal.timeout(MAX_WAIT_MS))).header;
  if (value !== "succeeded") throw new Error(`the assessment is ${JSON.stringify(value)}`);
  return performance.now() - before;
}

async function ensureKept({ tools }: Planwright, { capabilities }: RequirementsFile, root: string): Promise<void> {
  for (const { id, check } of capabilities) {
    const args = { assessment: "kept", requirement: id, check };
    const { cached } = answer.parse(await called(tools, "requirement.check", { args, root }));
    if (!cached) throw new Error(`what was answered of ${id} was not kept`);
  }
}

/** Names among all files, members of a manifest, and every tenth a text in all sources. */
function requirements(): RequirementsFile {
  const capabilities = Array.from({ length: CHECKS }, (_, at) => ({
    id: `wanted_${at}`,
    title: `what ${at} looks at`,
    check: checkOf(at),
  }));
  return requirementsFile.parse({ requirements: "bench", capabilities });
}

function checkOf(at: number): unknown {
  if (at % 10 === 0) {
    return { kind: "pattern", files: "copy-0/src/**/*.ts", matches: `wanted ${at}[0-9]`, found: "nowhere" };
  }
  if (at % 2 === 0) return { kind: "json", file: "copy-0/package.json", holds: `has(document.name) && ${at} >= 0` };
  return { kind: "file", files: `copy-0/**/wanted-${at}.*`, exists: false };
}
