import { contentHash } from "#events/canonical.ts";
import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import type { ApproveStep } from "#events/definition.ts";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Approval } from "#events/step-facts.ts";
import { approvalHashes, isIrreversible, type MissingBlobs, type StepHashes } from "#machines/decide/approval-hash.ts";
import { accepted, rejected, type Decider, type Surroundings } from "#machines/decide/decision.ts";
import { afterRefusal, attemptedAt } from "#machines/decide/next.ts";
import { facts, refused, type Starting, type StartOutcome } from "#machines/decide/starting.ts";
import { evaluate } from "#machines/evaluate.ts";
import { definitionAt, isEnded, needsAt, pathAt, planStateOf, recordAt, type PlanState } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";

// Approvals: a question names what it covers, and holds exactly for that.
//
// A1. An approve step covers the steps that need it, each by a hash. A step starts on an approval only where the approval
//     has its hash: as it is written, or, where something irreversible is in it, with the arguments that it has now.
// A2. Where that does not hold (the plan was revised; an irreversible argument was not known yet) the step itself asks
//     again, with what it is about to do.
// A3. An answer names the hash of the question. One that was put since has another.

/** Puts the question of an approve step. */
export function openApproval(starting: Starting, step: ApproveStep): StartOutcome {
  const { state, index, path, scope, around } = starting;
  const show = evaluate(state, { scope, key: `${step.id}/show`, source: step.show ?? null }, around.blobs);
  if (show.kind === "needs-blobs") return show;
  if (show.kind === "error") return refused(starting, show.error);
  const covers = coversOf(state, index, around);
  if ("refs" in covers) return covers;
  const question = { covers, show: show.value, role: step.role };
  return facts(
    fact("StepWaitStarted", { step: path, ...dueOf(step.expiresMs, around), approval: approvalOf(question) }),
  );
}

/** The question that a step puts for itself before it starts; undefined where it may start. */
export function leaveFor(starting: Starting): StartOutcome | undefined {
  const { state, index, around } = starting;
  const granting = approvalsFor(state, index);
  const [first] = granting;
  if (first === undefined || recordAt(state, index).chart.value !== "pending") return undefined;
  const hashes = approvalHashes(state, index, around.blobs);
  if ("refs" in hashes) return hashes;
  const { written, resolved } = hashes;
  // Without arguments the step fails as it would have; nobody is asked about that.
  if (resolved === undefined) return undefined;
  const wanted = isIrreversible(state, index) ? [resolved.hash] : [written, resolved.hash];
  return isGranted(starting, granting, wanted) ? undefined : askFor(starting, first.step, resolved);
}

/** What the step is about to do. */
type Now = NonNullable<StepHashes["resolved"]>;

/** What was approved has one of the hashes: by all that the step needs, or by an answer to the step's own question. */
function isGranted(
  { state, index, path }: Starting,
  granting: readonly Granting[],
  wanted: readonly string[],
): boolean {
  const isCovered = ({ covers }: Approval): boolean =>
    covers.some((cover) => cover.step === path && wanted.includes(cover.hash));
  const own = recordAt(state, index).approved;
  return granting.every(({ approval }) => isCovered(approval)) || (own !== undefined && isCovered(own));
}

function askFor({ step, path, around }: Starting, { role, expiresMs }: ApproveStep, { hash, args }: Now): StartOutcome {
  const call = step.kind === "tool" ? { tool: step.call.tool, version: step.call.version } : {};
  const approval = approvalOf({ covers: [{ step: path, hash }], show: { ...call, arguments: args }, role });
  return facts(fact("StepWaitStarted", { step: path, ...dueOf(expiresMs, around), approval }));
}

/** A person's word. It counts for the question that they have seen, and for nobody without the role that it names. */
export const decideApproval: Decider<CommandOf<"DecideApproval">> = (command, state, { now }) => {
  const { step } = command;
  const found = findStep(state, step);
  if (found === undefined) return rejected("unknown-step", `plan ${state.planId} has no step ${step}`);
  const { index, record } = found;
  const approval = record.wait?.approval;
  if (record.chart.value !== "waiting" || approval === undefined) return decidedAlready(command, state, index);
  const refusal = refusalOf(command, approval, state);
  if (refusal !== undefined) return refusal;
  if (state.asking.has(index)) return answerOf(command, { state, index, now });
  return rejected("plan-ending", `${step} waits no more: what it is inside of has stopped`);
};

interface Asked {
  readonly state: PlanState;
  readonly index: number;
  readonly now: number;
}

function answerOf({ step, hash, verdict, by, note }: CommandOf<"DecideApproval">, { state, index, now }: Asked) {
  if (verdict === "denied") {
    const error = errorOf("permission", "approval-denied", `${by} denied it${note === undefined ? "" : `: ${note}`}`);
    const next = afterRefusal(attemptedAt(state, index), error);
    return accepted(fact("StepFailed", { step, attempt: 0, error, next }));
  }
  if (definitionAt(state, index).kind !== "approve") return accepted(fact("StepWaitEnded", { step, starts: true }));
  const said = note === undefined ? {} : { note };
  const output = { approved: true, hash, by, at: new Date(now).toISOString(), ...said };
  return accepted(fact("StepWaitEnded", { step, output: inline(output) }));
}

export function approvalExpired(role: string | undefined): ErrorInfo {
  const who = role === undefined ? "nobody" : `nobody of the role ${role}`;
  return errorOf("timeout", "approval-expired", `${who} approved it in time`);
}

function refusalOf({ step, hash, by, roles }: CommandOf<"DecideApproval">, approval: Approval, state: PlanState) {
  if (isEnded(state)) return rejected("plan-ended", `plan ${state.planId} has already ${planStateOf(state)}`);
  if (approval.hash !== hash) {
    const message = `what ${step} asks to have approved has the hash ${approval.hash}, not ${hash}: look at it again`;
    return rejected("approval-outdated", message);
  }
  const { role } = approval;
  if (role === undefined || roles.includes(role)) return undefined;
  return rejected("not-permitted", `${by} has not the role ${role} that ${step} asks for`);
}

/** The same word again is no news; another one comes too late. */
function decidedAlready({ step, hash, verdict }: CommandOf<"DecideApproval">, state: PlanState, index: number) {
  const { approved, error, chart } = recordAt(state, index);
  const isRepeat = verdict === "approved" ? approved?.hash === hash : error?.code === "approval-denied";
  if (isRepeat) return { kind: "duplicate" as const };
  const isDecided = approved !== undefined || error?.code === "approval-denied" || error?.code === "approval-expired";
  if (isDecided) return rejected("approval-decided", `${step} was decided before: it is ${chart.value}`);
  return rejected("nothing-to-approve", `${step} does not wait for an approval: it is ${chart.value}`);
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
    const { approved } = recordAt(state, need);
    return step.kind === "approve" && approved !== undefined ? [{ step, approval: approved }] : [];
  });
}

interface Question {
  readonly covers: Approval["covers"];
  readonly show: Json;
  readonly role: string | undefined;
}

function approvalOf({ covers, show, role }: Question): Approval {
  const asked = role === undefined ? {} : { role };
  const shown = show === null ? {} : { show: inline(show) };
  return { hash: contentHash({ covers, show, ...asked }), covers, ...shown, ...asked };
}

function dueOf(expiresMs: number | undefined, { moment }: Surroundings): { readonly dueAt?: number } {
  return expiresMs === undefined ? {} : { dueAt: moment.now + expiresMs };
}
