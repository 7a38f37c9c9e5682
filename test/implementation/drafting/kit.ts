// Requirements, assessments and drafts of tests, and the signatures of the tools that their plans name.
import { drafted, type Draft, type Grounds } from "#src/implementation/drafting/drafted.ts";
import { plannedChanges, type PlannedChanges } from "#src/implementation/drafting/planned-changes.ts";
import type { Assessment } from "#src/implementation/gaps/gap.ts";
import { requirementsFile, type RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import { implementationTools } from "#src/implementation/tools.ts";
import { registry } from "#src/tools/registry.ts";

export interface WrittenRequirement {
  readonly id: string;
  readonly [word: string]: unknown;
}

const FILE_CHECK = { kind: "file", files: "never-read-by-anybody.txt" };

/** With what every requirement has to have. */
export function fileOf(
  capabilities: readonly WrittenRequirement[],
  words: Readonly<Record<string, unknown>> = {},
): RequirementsFile {
  const whole = capabilities.map((one) => ({ title: `what ${one.id} is`, check: FILE_CHECK, ...one }));
  return requirementsFile.parse({ requirements: "own", capabilities: whole, ...words });
}

/** Everything is unmet but what is named; the file's order is that of urgency. */
export function assessed(file: RequirementsFile, met: readonly string[] = []): Assessment {
  const answers = file.capabilities.map(({ id }) => ({
    requirement: id,
    verdict: met.includes(id) ? ("met" as const) : ("unmet" as const),
    evidence: [{ text: "there is no such file" }],
    durationMs: 1,
    cached: false,
  }));
  const gaps = file.capabilities.flatMap((requirement, at) => {
    const answer = answers[at];
    if (answer === undefined || answer.verdict === "met") return [];
    return [{ requirement, answer, score: file.capabilities.length - at, reasons: [], unblocks: [] }];
  });
  return { requirements: file.requirements, directory: ".", commit: null, answers, gaps };
}

type Options = Omit<Grounds, "assessment" | "file"> & { readonly met?: readonly string[] };

export function draftOf(file: RequirementsFile, { met = [], ...options }: Options = {}): Draft {
  const result = drafted({ assessment: assessed(file, met), file, ...options });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.draft;
}

export function plannedOf(draft: Draft, slots = 8): PlannedChanges {
  const asked = [{ id: "x", check: FILE_CHECK }];
  const result = plannedChanges(draft, { key: "k7", repository: ".", tools: CHANGE_TOOLS, slots, checks: [], asked });
  if (!result.ok) throw new Error(JSON.stringify(result.findings, null, 1));
  if (result.planned === undefined) throw new Error("there is nothing to do");
  return result.planned;
}

/** A remedy that writes these files. */
export function writing(...paths: readonly string[]) {
  return { name: "write", actions: paths.map((path) => ({ do: "write", path, text: "text\n" })) };
}

/** Ids of changes that come before one, directly or not. */
export function ancestorsIn({ changes }: Draft): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>();
  for (const { change: made, needs } of changes) {
    const before = new Set<string>();
    for (const { on } of needs) {
      before.add(on);
      for (const one of known.get(on) ?? []) before.add(one);
    }
    known.set(made.id, before);
  }
  return known;
}

const CHANGE_TOOLS = registry(implementationTools());
