import type { Answer } from "#src/implementation/gaps/gap.ts";

/** What a check found, before it is known how long it took. `code` says why it is broken, or finer what is missing. */
export type Found = Pick<Answer, "verdict" | "code" | "evidence">;
export type Evidence = Answer["evidence"][number];

const MAX_EVIDENCE = 20;

export function met(...evidence: readonly Evidence[]): Found {
  return { verdict: "met", evidence: bounded(evidence) };
}

export function unmet(...evidence: readonly Evidence[]): Found {
  return { verdict: "unmet", evidence: bounded(evidence) };
}

/** Neither yes nor no. */
export function broken(code: string, ...evidence: readonly Evidence[]): Found {
  return { verdict: "broken", code, evidence: bounded(evidence) };
}

function bounded(evidence: readonly Evidence[]): Evidence[] {
  if (evidence.length <= MAX_EVIDENCE) return [...evidence];
  const left = evidence.length - MAX_EVIDENCE + 1;
  return [...evidence.slice(0, MAX_EVIDENCE - 1), { text: `and ${left} more` }];
}
