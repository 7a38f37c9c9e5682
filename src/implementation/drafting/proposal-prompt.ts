import type { Json, JsonObject } from "#events/json.ts";
import { json } from "#events/json.ts";
import type { Gap } from "#src/implementation/gaps/gap.ts";
import type { Remedy } from "#src/implementation/requirements/requirement.ts";
import { ABOUT_DATA, dataSection } from "#src/planning/with-model/prompt-data.ts";
import type { ModelMessage } from "#src/ports/model.ts";
import { MAX_PROPOSED_ACTIONS } from "./proposal-answer.ts";
import { shortened } from "./shortened.ts";

// What a model is told when it proposes a change. Rules are of the system; the request, the gap, its evidence, the codebase and the contents
// of files are data, whoever wrote them.
//
// P1. The same task gives the same prompt: a recorded answer is found by it.

const MAX_REQUEST_BYTES = 16 * 1_024;
const MAX_GAP_BYTES = 16 * 1_024;
const MAX_CONTEXT_BYTES = 16 * 1_024;
const MAX_FILE_BYTES = 32 * 1_024;
const MAX_FILES_BYTES = 96 * 1_024;
const MAX_EVIDENCE = 20;

const RULES = [
  "You propose a change of files that closes a gap: what a machine checks and does not find. Another program checks your proposal, people",
  "approve it, and then it is carried out; you carry out nothing.",
  "- Paths are relative to the repository and stay inside it. Touch only files that allowed names, and as few as do it.",
  "- edit replaces a text that stands in the file exactly once; write gives a whole file. Of a file whose contents are cut, edit only what you see.",
  "- Commands are a program and its arguments, without a shell. Run one only where no other action does it.",
  "- Change the system so that the check is met for the right reason: never change, weaken or trick the check.",
  `- At most ${MAX_PROPOSED_ACTIONS} actions. Where you cannot do it, give no actions and say in refusal why; else refusal is null.`,
  "- Who has to approve a change is not yours to decide.",
].join("\n");

export interface NamedFile {
  readonly path: string;
  readonly text: string;
}

export interface ProposalTask {
  readonly gap: Gap;
  readonly remedy: Remedy;
  /** What is known of the codebase. */
  readonly context?: readonly Json[] | undefined;
  readonly files: readonly NamedFile[];
  readonly secrets?: Iterable<string> | undefined;
}

export function proposalMessages({ gap, remedy, context = [], files, secrets }: ProposalTask): readonly ModelMessage[] {
  const section = (name: string, value: Json, maxBytes: number): string =>
    dataSection(name, value, { maxBytes, secrets });
  const user = [
    section("request", remedy.ask ?? gap.requirement.title, MAX_REQUEST_BYTES),
    section("gap", gapCard(gap), MAX_GAP_BYTES),
    section("allowed", remedy.files.length > 0 ? [...remedy.files] : "any file of the repository", MAX_GAP_BYTES),
    ...context.map((one) => section("codebase", shortened(one, MAX_CONTEXT_BYTES), MAX_CONTEXT_BYTES)),
    ...fileSections(files, section),
  ];
  return [
    { role: "system", text: `${RULES}\n\n${ABOUT_DATA}` },
    { role: "user", text: user.join("\n\n") },
  ];
}

function fileSections(
  files: readonly NamedFile[],
  section: (name: string, value: Json, maxBytes: number) => string,
): readonly string[] {
  let left = MAX_FILES_BYTES;
  return files.flatMap(({ path, text }) => {
    if (left <= 0) return [];
    const told = section("file", { path, text }, Math.min(left, MAX_FILE_BYTES));
    left -= Buffer.byteLength(told);
    return [told];
  });
}

function gapCard({ requirement, answer }: Gap): JsonObject {
  const { id, title, why, check } = requirement;
  return {
    requirement: id,
    title,
    ...(why === undefined ? {} : { why }),
    check: json.parse(check),
    evidence: answer.evidence.slice(0, MAX_EVIDENCE).map(({ text, path, line }) => ({
      text,
      ...(path === undefined ? {} : { path }),
      ...(line === undefined ? {} : { line }),
    })),
  };
}
