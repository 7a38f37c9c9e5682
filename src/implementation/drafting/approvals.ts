import type { Json } from "#events/json.ts";
import type { Condition } from "#machines/expressions/condition.ts";
import type { Change } from "#src/implementation/changes/change.ts";
import type { ApprovalPolicy } from "#src/implementation/requirements/approval-policy.ts";
import { policyCondition, type PolicyMember } from "#src/implementation/requirements/policy-condition.ts";
import { parseDuration } from "#src/language/duration.ts";
import type { Misfit } from "./misfit.ts";
import type { RemedyOrigin } from "./remedy-body.ts";

// Which policies hold for which changes: their conditions, asked of each change before there is a plan.
//
// A1. A change is covered by every policy whose condition is true of it, or of what is done instead where it fails.
// A2. A condition that cannot be answered is no "no": the plan is refused.
// A3. What a language model has proposed is covered by an approval, whatever the policies say.

export interface PolicySubject {
  readonly change: Change;
  readonly origin: RemedyOrigin;
  /** Lines that its actions write. */
  readonly lines: number;
}

export interface CoveringPolicy {
  readonly policy: ApprovalPolicy;
  /** Places of the changes that it covers; never empty. */
  readonly covers: readonly number[];
}

export type Covered =
  | { readonly ok: true; readonly policies: readonly CoveringPolicy[] }
  | {
      readonly ok: false;
      readonly problems: readonly (Misfit & { readonly policy: string })[];
    };

/** Where the file has no policies. */
const DEFAULT_POLICIES: readonly ApprovalPolicy[] = [
  {
    name: "careful",
    when: 'change.risk == "high" || change.irreversible || change.remedy.startsWith("model:")',
    for: "plan",
    approvers: 1,
  },
];

/** A3: beside the policies of the file. */
const PROPOSED = "proposed";

/** Of each change all variants that it has. */
export function coveredBy(
  policies: readonly ApprovalPolicy[],
  subjects: readonly (readonly PolicySubject[])[],
): Covered {
  const asked = policies.length > 0 ? policies : DEFAULT_POLICIES;
  const problems = asked.flatMap((policy, at) => problemsOf(policy, asked.slice(0, at)));
  const values = subjects.map((variants) => variants.map(valuesOf));
  const covering: CoveringPolicy[] = [];
  for (const policy of problems.length > 0 ? [] : asked) {
    const compiled = policyCondition(policy.when);
    if (!compiled.ok) {
      const reason = compiled.findings.map(({ message }) => message).join("; ");
      problems.push({
        policy: policy.name,
        code: "bad-policy-condition",
        reason,
      });
      continue;
    }
    const { covers, problem } = coversOf(compiled.condition, values);
    if (problem !== undefined)
      problems.push({
        policy: policy.name,
        code: "bad-policy-condition",
        reason: problem,
      });
    else if (covers.length > 0) covering.push({ policy, covers });
  }
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    policies: [...covering, ...ofProposals(asked, covering, subjects)],
  };
}

/** A3. */
function ofProposals(
  asked: readonly ApprovalPolicy[],
  covering: readonly CoveringPolicy[],
  subjects: readonly (readonly PolicySubject[])[],
): readonly CoveringPolicy[] {
  const isCovered = new Set(covering.flatMap(({ covers }) => covers));
  const covers = [...subjects.keys()].filter(
    (at) => !isCovered.has(at) && subjects[at]?.some(({ origin }) => origin === "model") === true,
  );
  if (covers.length === 0) return [];
  const names = new Set(asked.map(({ name }) => name));
  let name = PROPOSED;
  for (let number = 2; names.has(name); number += 1) name = `${PROPOSED}_${number}`;
  return [{ policy: { name, when: "true", for: "plan", approvers: 1 }, covers }];
}

function problemsOf(
  { name, expires }: ApprovalPolicy,
  before: readonly ApprovalPolicy[],
): (Misfit & { readonly policy: string })[] {
  const problems: (Misfit & { readonly policy: string })[] = [];
  if (before.some((other) => other.name === name)) {
    problems.push({
      policy: name,
      code: "policy-twice",
      reason: "two policies have this name",
    });
  }
  if (expires !== undefined && parseDuration(expires) === undefined) {
    problems.push({
      policy: name,
      code: "bad-policy-expiry",
      reason: "`expires` is not a duration such as 2d or 8h",
    });
  }
  return problems;
}

function coversOf(condition: Condition, subjects: readonly (readonly Values[])[]) {
  const covers: number[] = [];
  for (const [at, variants] of subjects.entries()) {
    for (const { id, change } of variants) {
      const answer = condition.evaluate({ inputs: {}, steps: () => undefined, variables: { change } });
      // A2.
      if (!answer.ok) return { covers: [], problem: `of ${id}: ${answer.error.message}` };
      if (answer.value && covers.at(-1) !== at) covers.push(at);
    }
  }
  return { covers, problem: undefined };
}

interface Values {
  readonly id: string;
  readonly change: Readonly<Record<PolicyMember, Json>>;
}

function valuesOf({ change, lines }: PolicySubject): Values {
  const { id, gap, risk, cost, files, irreversible, weight, difficulty, remedy, priority, actions } = change;
  const commands = actions.filter((one) => one.do === "run" || one.do === "format" || one.do === "test").length;
  const plain = {
    id,
    gap,
    risk,
    cost,
    files,
    irreversible,
    weight,
    remedy,
    priority,
    commands,
  };
  return { id, change: { ...plain, size: lines, difficulty: difficulty.level } };
}
