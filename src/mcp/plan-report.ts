import { z } from "zod";
import type { Client, Output } from "#src/api/client.ts";
import { QUESTION_SIGNAL } from "#src/api/open-questions.ts";
import { planDetail, planStatus } from "#src/api/operations/plan-shapes.ts";

// A plan as an agent wants to see it in one answer: how far it is, what it waits for, what to do about that.
//
// G1. Schemas of results are short: every client reads all of them to every model. What a reason or an error has beside its kind
//     or code is there, and not spelled out.

const MAX_WAITING = 20;

/** A step, and what it waits for. */
export const explained = z.object({
  step: z.string(),
  state: z.string(),
  reason: z
    .looseObject({ kind: z.string() })
    .describe(
      "`kind` is needs, slot, retry, timer, signal, approval, members, concurrency, running, unknown-outcome …",
    ),
});

const { plan, name, settled, revision, total, ended, startedAt, durationMs, unknown, response, outputs } =
  planDetail.shape;

export const planReport = z.object({
  ...{ plan, name, status: planStatus, settled, revision, total, ended, startedAt, durationMs, unknown },
  ...{ response, outputs },
  // Read by whoever wants to know what an answer stands on; G1.
  provenance: z.unknown().optional(),
  awaited: z
    .array(z.looseObject({ step: z.string(), signal: z.string() }))
    .readonly()
    .describe("signals that it waits for, with the questions that plan_answer answers"),
  counts: z.record(z.string(), z.int()).describe("steps by state; those without any are left out"),
  signals: z
    .array(z.looseObject({ name: z.string() }))
    .readonly()
    .describe("that no step has taken so far"),
  error: z.looseObject({ code: z.string(), message: z.string() }).exactOptional(),
  waiting: z.array(explained).readonly().describe(`what has not ended, and why; at most ${MAX_WAITING}`),
  next: z.string().describe("what to do now"),
});
export type PlanReport = z.input<typeof planReport>;

/** The same inside of another result; G1. */
export const innerReport = z
  .looseObject({ status: z.string(), settled: z.boolean(), next: z.string() })
  .describe("the plan as plan_status shows it");

/** What became of something that was asked of a plan. */
export const changedPlan = z.object({
  ...{ plan: z.string(), name: z.string(), status: z.string(), revision: z.int() },
  changed: z.boolean().describe("false where it had been asked before"),
  goesOn: z.boolean().describe("here; else plan_resume lets it go on"),
  because: z.object({ code: z.string(), message: z.string() }).exactOptional().describe("why it does not go on here"),
});

export async function reported(
  detail: Output<"get">,
  client: Pick<Client, "why">,
  signal: AbortSignal,
): Promise<PlanReport> {
  const { plan } = detail;
  const steps = isOver(detail) ? [] : (await client.why({ plan, limit: MAX_WAITING }, { signal })).steps;
  const counts = Object.fromEntries(Object.entries(detail.counts).filter(([, count]) => count > 0));
  return { ...detail, counts, waiting: steps, next: nextFor(detail, steps) };
}

const OVER = {
  succeeded: "it is done; `outputs` and `response` say what came of it",
  failed:
    "`error` says why; plan_steps and plan_history show where. plan_retry runs again what failed, plan_rollback_preview shows what could be taken back",
  cancelled: "it was cancelled; plan_retry would go on with it",
  "rolled-back": "what it did was taken back; nothing is left to do",
} as const;

function isOver({ status }: Pick<Output<"get">, "status">): boolean {
  return Object.hasOwn(OVER, status);
}

function nextFor({ status, unknown, awaited }: Output<"get">, waiting: readonly z.input<typeof explained>[]): string {
  const over = new Map<string, string>(Object.entries(OVER)).get(status);
  if (over !== undefined) return over;
  if (status === "paused") return "it is paused; plan_resume lets it go on";
  const kinds = new Set(waiting.map(({ reason }) => reason.kind));
  if (kinds.has("approval")) {
    return "a person has to decide: put the question of plan_approvals before them, then answer by plan_approve or plan_deny";
  }
  if (unknown.length > 0) {
    return "nobody knows whether some steps had their effect: find out, then answer by plan_resolve";
  }
  if (awaited.some(({ signal }) => signal === QUESTION_SIGNAL)) return "it asks something; answer by plan_answer";
  if (kinds.has("signal")) return "it waits for a signal from outside; plan_signal sends it";
  return "it goes on by itself; plan_wait waits for it";
}
