import { DEFAULT_REPLANS } from "#events/definition.ts";
import * as approval from "./approval-words.ts";
import { INPUT, SCHEMA } from "./input-words.ts";
import * as step from "./step-words.ts";
import { KINDS, type Kind } from "./vocabulary.ts";
import type { Words } from "./word.ts";

// What every word of the plan language means, by the mapping that it stands in. Each mapping is a definition of
// schemas/plan.schema.json and a section of docs/plan-reference.md; both are made from here.

const PLAN: Words = {
  plan: { meaning: "The plan's name, up to 200 characters. Others call it by this name.", example: "release_notes" },
  version: {
    meaning: "The plan's version, a semantic one where others call it.",
    otherwise: "0.0.0",
    example: "1.2.0",
  },
  description: { meaning: "What the plan is for; for people.", example: "Writes what is new into NOTES.md." },
  inputs: {
    meaning: "What is given when the plan starts, by name: letters, digits and `_`.",
    preset: {},
    example: { since: { type: "string" }, repo: { type: "string", default: "." } },
  },
  steps: {
    meaning: "The steps by id, at least one. An id is a lower-case letter, then letters, digits or `_`.",
    example: { commits: { tool: "git.log", with: { range: "${inputs.since}..HEAD" } } },
  },
  outputs: {
    meaning: "What the plan gives when it has succeeded: templates by name.",
    otherwise: "nothing",
    example: { notes: "${size(steps.commits.output)}" },
  },
  returns: {
    meaning:
      "What outputs are, a JSON Schema by name. A template that can never fit is refused; where the outputs of a run do not fit, the plan " +
      "fails with `outputs-unfit`, and they are shown. Whoever calls the plan is checked against it.",
    otherwise: "what the templates give",
    example: { notes: { type: "integer", minimum: 0 } },
  },
  respond: {
    meaning:
      "The response: a template for when it has succeeded, or one for each way to end (`$done`, `$partial`, `$failed`). A plan that ends " +
      "without success always has a response.",
    otherwise: "none of success; how far it came, what failed and why, and what to do",
    example: { $done: "${size(steps.commits.output)} notes published.", $partial: "Not all is done: ${next}." },
  },
  onFailure: {
    meaning:
      "What follows where a step failed for good: `stop` (what runs finishes, nothing new starts), `continue` (what does not need it " +
      "goes on), or `rollback` (what succeeded is taken back).",
    preset: "stop",
    example: "rollback",
  },
  deadline: {
    meaning: "Bounds the whole plan: where it has passed, the plan is cancelled.",
    otherwise: "no bound",
    example: "1d",
  },
  pauseStopsClock: {
    meaning: "Whether deadlines and waits stand still while the plan is paused.",
    otherwise: "they go on",
    example: true,
  },
  replan: {
    meaning:
      "The call that is made where steps failed for good, before the plan fails: its output says how the plan goes on instead, as that of " +
      "a step that `revises`. What has succeeded stays.",
    otherwise: "the plan fails",
    example: {
      tool: "planwright.replan",
      with: { request: "${inputs.request}" },
    },
  },
};

const ANSWERS: Words = {
  $done: {
    meaning: "When the plan has succeeded.",
    otherwise: "none",
    example: "${size(steps.commits.output)} notes published.",
  },
  $partial: {
    meaning:
      "When it has not, and some of its steps have. Of a text each sentence that reads what is not there is left out, of a mapping or list " +
      "each entry. Beside inputs and steps it reads `done` and `total` (how many steps), `failed` (a list of `{ step, category, code, " +
      "reason }`), `left` (the names of the steps that are not done) and `next` (what to do, in words).",
    otherwise: "composed from these",
    example: "${done} of ${total} done. ${failed[0].step} failed because ${failed[0].reason}. Next: ${next}.",
  },
  $failed: {
    meaning: "When none of its steps has succeeded, or what had was taken back. Like `$partial`.",
    otherwise: "composed as for `$partial`",
    example: "Nothing was published: ${next}.",
  },
};

const REPLAN: Words = {
  tool: {
    meaning: "The tool that plans anew. It is given `failure`: the plan, what became of its steps, and what they gave.",
    example: "planwright.replan",
  },
  with: {
    ...step.args,
    meaning: "Its other arguments by name, templates that read the inputs.",
  },
  ...{ timeout: step.timeout, idempotent: step.idempotent, isolate: step.isolate, retry: step.retry },
  max: { meaning: "How often at most.", preset: DEFAULT_REPLANS, example: 1 },
};

export const KIND_WORDS: Readonly<Record<Kind, Words>> = {
  tool: step.TOOL_STEP,
  value: step.VALUE_STEP,
  wait: step.WAIT_STEP,
  each: step.EACH_STEP,
  repeat: step.REPEAT_STEP,
  call: step.CALL_STEP,
  signal: step.SIGNAL_STEP,
  approve: approval.APPROVE_STEP,
};

/** The name of the definition that describes steps of a kind. */
export const stepDefinition = (kind: Kind): string => `${kind}Step`;

const kindDefinitions = Object.fromEntries(
  KINDS.map((kind) => [stepDefinition(kind), { ...KIND_WORDS[kind], ...step.ANY_STEP }]),
);

/** By the name of the definition. */
export const WORDS: Readonly<Record<string, Words>> = {
  plan: PLAN,
  answers: ANSWERS,
  input: INPUT,
  ...kindDefinitions,
  block: step.BLOCK,
  waiting: step.WAITING,
  question: approval.QUESTION,
  join: step.JOIN,
  fallback: step.FALLBACK,
  retry: step.RETRY,
  retryOn: step.RETRY_ON,
  unknown: step.UNKNOWN,
  verify: step.VERIFY,
  undo: step.UNDO,
  replan: REPLAN,
  schema: SCHEMA,
};
