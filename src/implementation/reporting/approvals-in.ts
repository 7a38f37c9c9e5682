import { isJsonList, isJsonObject, type Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import type { OwnStep } from "./own-steps.ts";
import type { ApprovalReport } from "./report.ts";

// Who was asked, and who approved what: the plan's approve steps, and steps that asked for themselves. What was answered is read without
// taking its form for granted: it is as old as the plan.

export function approvalsIn(steps: readonly OwnStep[]): readonly ApprovalReport[] {
  return steps.flatMap((step) => {
    const { definition, record } = step;
    const question = record?.wait?.approval ?? record?.approved.at(-1);
    if (definition.kind !== "approve" && question === undefined) return [];
    return [approvalOf(step, question)];
  });
}

type Question = NonNullable<OwnStep["record"]>["approved"][number];

function approvalOf(step: OwnStep, question: Question | undefined): ApprovalReport {
  const { definition } = step;
  const role = question?.role ?? (definition.kind === "approve" ? definition.role : undefined);
  return {
    step: definition.id,
    ...(role === undefined ? {} : { role }),
    ...(question === undefined ? {} : { hash: question.hash }),
    covers: question?.covers.map((covered) => covered.step) ?? [],
    ...answerOf(step),
    ...timesOf(step),
  };
}

function answerOf({ definition, record }: OwnStep): Pick<ApprovalReport, "state" | "by" | "note" | "error"> {
  const state = record?.chart.value ?? "pending";
  const isAsked = definition.kind === "approve";
  const said = isAsked ? inlineOf(record?.output) : undefined;
  const note = textIn(said, "note") ?? textIn(said, "comment");
  const error = state === "failed" ? record?.error : undefined;
  return {
    state: stateOf(state, isAsked),
    by: peopleIn(said),
    ...(note === undefined ? {} : { note }),
    ...(error === undefined ? {} : { error: `${error.code}: ${error.message}` }),
  };
}

function timesOf({ definition, record }: OwnStep): Pick<ApprovalReport, "askedAt" | "decidedAt"> {
  if (record === undefined) return {};
  const askedAt = record.wait?.since ?? record.readyAt;
  const decidedAt = definition.kind === "approve" ? record.endedAt : 0;
  return { ...(askedAt === 0 ? {} : { askedAt }), ...(decidedAt === 0 ? {} : { decidedAt }) };
}

function stateOf(state: string, isAsked: boolean): string {
  if (state === "waiting") return "asked";
  if (!isAsked) return "approved";
  return STATES.get(state) ?? state;
}

const STATES: ReadonlyMap<string, string> = new Map([
  ["succeeded", "approved"],
  ["failed", "refused"],
  ["pending", "not asked yet"],
]);

function inlineOf(output: Payload | undefined): Json | undefined {
  return output !== undefined && "inline" in output ? output.inline : undefined;
}

/** One person, or several: as names, or as objects that have one. */
function peopleIn(said: Json | undefined): readonly string[] {
  if (!isJsonObject(said)) return [];
  for (const member of ["approvals", "approvers", "by"]) {
    const value = said[member];
    if (typeof value === "string") return [value];
    if (isJsonList(value)) return value.flatMap((one) => (typeof one === "string" ? [one] : (textIn(one, "by") ?? [])));
  }
  return [];
}

function textIn(value: Json | undefined, name: string): string | undefined {
  const text = isJsonObject(value) ? value[name] : undefined;
  return typeof text === "string" ? text : undefined;
}
