import { contentHash } from "#events/canonical.ts";
import { fact } from "#events/catalog.ts";
import type { ApproveStep } from "#events/definition.ts";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Approval } from "#events/step-facts.ts";
import { approvalHashes, isIrreversible, type MissingBlobs, type StepHashes } from "#machines/decide/approval-hash.ts";
import type { Surroundings } from "#machines/decide/decision.ts";
import { facts, refused, type Starting, type StartOutcome } from "#machines/decide/starting.ts";
import { evaluate } from "#machines/evaluate.ts";
import { approversOf } from "#machines/reviews.ts";
import { stepPath } from "#machines/scope.ts";
import { definitionAt, needsAt, pathAt, recordAt, type PlanState } from "#machines/state.ts";
import { isUntried } from "#machines/step-record.ts";

// Approvals: a question names what it covers, and holds exactly for that.
//
// A1. An approve step covers the steps that need it, each by a hash. A step starts on an approval only where the approval
//     has its hash: as it is written, or, where something irreversible is in it, with the arguments that it has now.
// A2. Where that does not hold (the plan was revised; an irreversible argument was not known yet) the step itself asks
//     again, with what it is about to do: one role after the other, each that had to approve and has not approved that.
// A3. An answer names the hash of the question. One that was put since has another.
// A4. A question that waits while a revision changes what it covers is put anew, with another hash; what was said of it
//     before counts no more. Where nothing that it covers has changed, it stays, with all that was said.

/** Puts the question of an approve step, also anew. */
export function openApproval(starting: Starting, step: ApproveStep): StartOutcome {
  const { state, index, path, scope, around } = starting;
  const show = evaluate(state, { scope, key: `${step.id}/show`, source: step.show ?? null }, around.blobs);
  if (show.kind === "needs-blobs") return show;
  if (show.kind === "error") return refused(starting, show.error);
  const covers = coversOf(state, index, around);
  if ("refs" in covers) return covers;
  const question = { covers, show: show.value, role: step.role, approvers: step.approvers };
  return facts(
    fact("StepWaitStarted", { step: path, ...dueOf(step.expiresMs, around), approval: approvalOf(question) }),
  );
}

/** The first of the questions that are to be put anew (A4). */
export function askAnew(state: PlanState, around: Surroundings): StartOutcome | undefined {
  for (const index of state.outdated) {
    const step = definitionAt(state, index);
    const { scope } = recordAt(state, index);
    if (step.kind !== "approve") continue;
    return openApproval({ state, index, step, path: stepPath(scope, step.id), scope, around }, step);
  }
  return undefined;
}

/** The next question that a step puts for itself before it starts; undefined where it may start. */
export function leaveFor(starting: Starting): StartOutcome | undefined {
  const { state, index, around } = starting;
  const granting = approvalsFor(state, index);
  if (granting.length === 0 || !isUntried(recordAt(state, index))) return undefined;
  const hashes = approvalHashes(state, index, around.blobs);
  if ("refs" in hashes) return hashes;
  const { written, resolved } = hashes;
  // Without arguments the step fails as it would have; nobody is asked about that.
  if (resolved === undefined) return undefined;
  const wanted = isIrreversible(state, index) ? [resolved.hash] : [written, resolved.hash];
  const asked = unaskedOf(starting, granting, wanted);
  return asked === undefined ? undefined : askFor(starting, asked, resolved);
}

/** What the step is about to do. */
type Now = NonNullable<StepHashes["resolved"]>;

/** Whom a step asks for itself. */
type Asked = Pick<ApproveStep, "role" | "approvers" | "expiresMs">;

/**
 * The first of those whose approval does not have one of the hashes and who have not approved the step itself since: of
 * each role as many as of its approvals where most had to, in the shortest of their times.
 */
function unaskedOf(
  { state, index, path }: Starting,
  granting: readonly Granting[],
  wanted: readonly string[],
): Asked | undefined {
  const isCovered = ({ covers }: Approval): boolean =>
    covers.some((cover) => cover.step === path && wanted.includes(cover.hash));
  const own = recordAt(state, index).approved.filter(isCovered);
  const open = granting.filter(({ approval }) => !isCovered(approval)).map(({ step }) => step);
  for (const { role } of open) {
    const ofRole = open.filter((step) => step.role === role);
    const approvers = Math.max(...ofRole.map((step) => step.approvers ?? 1));
    if (own.some((approval) => approval.role === role && approversOf(approval) >= approvers)) continue;
    const expiresMs = Math.min(...ofRole.map((step) => step.expiresMs ?? Infinity));
    const whom = { ...(role === undefined ? {} : { role }), approvers };
    return expiresMs === Infinity ? whom : { ...whom, expiresMs };
  }
  return undefined;
}

function askFor({ step, path, around }: Starting, asked: Asked, { hash, args }: Now): StartOutcome {
  const call = step.kind === "tool" ? { tool: step.call.tool, version: step.call.version } : {};
  const { role, approvers, expiresMs } = asked;
  const approval = approvalOf({ covers: [{ step: path, hash }], show: { ...call, arguments: args }, role, approvers });
  return facts(fact("StepWaitStarted", { step: path, ...dueOf(expiresMs, around), approval }));
}

export function approvalExpired(role: string | undefined): ErrorInfo {
  const who = role === undefined ? "nobody" : `nobody of the role ${role}`;
  return errorOf("timeout", "approval-expired", `${who} approved it in time`);
}

function coversOf(state: PlanState, index: number, { blobs }: Surroundings): Approval["covers"] | MissingBlobs {
  const { scope } = recordAt(state, index);
  const covers: Approval["covers"] = [];
  for (const local of scope.block.graph.dependents[index - scope.base] ?? []) {
    const hashes = approvalHashes(state, scope.base + local, blobs);
    if ("refs" in hashes) return hashes;
    covers.push({ step: pathAt(state, scope.base + local), hash: hashes.resolved?.hash ?? hashes.written });
  }
  return covers;
}

interface Granting {
  readonly step: ApproveStep;
  readonly approval: Approval;
}

/** The approvals that the step's start stands on. */
function approvalsFor(state: PlanState, index: number): readonly Granting[] {
  return needsAt(state, index).flatMap((need) => {
    const step = definitionAt(state, need);
    const approval = recordAt(state, need).approved.at(-1);
    return step.kind === "approve" && approval !== undefined ? [{ step, approval }] : [];
  });
}

interface Question {
  readonly covers: Approval["covers"];
  readonly show: Json;
  readonly role: string | undefined;
  readonly approvers: number | undefined;
}

function approvalOf({ covers, show, role, approvers = 1 }: Question): Approval {
  const asked = { ...(role === undefined ? {} : { role }), ...(approvers === 1 ? {} : { approvers }) };
  const shown = show === null ? {} : { show: inline(show) };
  return { hash: contentHash({ covers, show, ...asked }), covers, ...shown, ...asked };
}

function dueOf(expiresMs: number | undefined, { moment }: Surroundings): { readonly dueAt?: number } {
  return expiresMs === undefined ? {} : { dueAt: moment.now + expiresMs };
}
