import { z } from "zod";
import type { Fact, FactData } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { json, type Json } from "#events/json.ts";
import { stepChange } from "#events/plan-facts.ts";
import { valueOf } from "#events/payload.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { isIrreversible } from "#machines/decide/approval-hash.ts";
import { definitionAt, planStateOf, type PlanView } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";
import { selectApprovals } from "#projections/approvals.ts";
import type { Reading } from "#src/api/reading.ts";
import { definitionDifferences } from "#src/api/operations/definition-differences.ts";
import { reads } from "#src/api/operations/operation.ts";
import { approvalRequest, planReference, planStatus } from "#src/api/operations/plan-shapes.ts";

// Everything that a reviewer needs, in one answer: what is asked, of what exactly, who has said what, what the last revision
// changed. The trail of who said what, when and of which hash is read from the facts alone.

const said = z.object({
  revision: z.int(),
  at: z.number(),
  by: z.string(),
  what: z.enum(["asked", "approved", "changes-requested", "withdrawn", "denied", "expired", "commented", "revised"]),
  step: z.string().exactOptional(),
  hash: z.string().exactOptional().describe("of the question that it was said of"),
  note: z.string().exactOptional(),
});
type Said = z.infer<typeof said>;

const covered = z.object({
  step: z.string(),
  definition: json.exactOptional().describe("of the step as it is now"),
  irreversible: z.boolean().describe("nothing takes its effect back"),
});

const lastRevision = z.object({
  edition: z.int(),
  at: z.number(),
  by: z.string(),
  changes: z.array(stepChange).readonly(),
  words: z.array(z.string()).readonly(),
  note: z.string().exactOptional(),
  differences: z
    .array(z.object({ step: z.string(), path: z.string(), before: json.exactOptional(), after: json.exactOptional() }))
    .readonly()
    .describe("where definitions of steps that stayed differ, each by its path inside of the step; the first 500"),
});

export const reviewingOperations = {
  review: reads({
    route: "GET /v1/plans/{plan}/review",
    summary: "Shows all that a reviewer needs: questions, what they cover, who has said what, the last revision.",
    input: z.strictObject({ plan: planReference, audit: z.boolean().default(false).describe("with the audit trail") }),
    output: z.object({
      plan: z.string(),
      name: z.string(),
      status: planStatus,
      questions: z.array(approvalRequest.extend({ missing: z.int(), covered: z.array(covered).readonly() })).readonly(),
      comments: z
        .array(
          z.object({
            by: z.string(),
            at: z.number(),
            text: z.string(),
            about: z.string().optional(),
            hash: z.string().optional(),
          }),
        )
        .readonly(),
      revision: lastRevision.exactOptional().describe("the last one"),
      audit: z.array(said).readonly().exactOptional(),
    }),
    run: async (app, { plan: reference, audit }) => {
      const { state } = await app.seen(reference);
      const facts = await app.plans.history(state.planId);
      const questions = [];
      for (const { show, ...request } of selectApprovals(state)) {
        const approved = request.reviews.filter(({ verdict }) => verdict === "approved").length;
        questions.push({
          ...request,
          ...(show === undefined ? {} : { show: await app.plans.value(show) }),
          missing: request.approvers - approved,
          covered: request.covers.map(({ step }) => coveredStep(state, step)),
        });
      }
      const revised = await lastRevisionIn(facts, app);
      return {
        plan: state.planId,
        name: state.header.context.name,
        status: planStateOf(state),
        questions,
        comments: [...state.comments],
        ...(revised === undefined ? {} : { revision: revised }),
        ...(audit ? { audit: trailOf(facts) } : {}),
      };
    },
  }),
};

function coveredStep(state: PlanView, step: string): z.infer<typeof covered> {
  const found = findStep(state, step);
  if (found === undefined) return { step, irreversible: false };
  const { index } = found;
  return {
    step,
    definition: json.parse(definitionAt(state, index)),
    irreversible: isIrreversible(state, index),
  };
}

type Facts = readonly { readonly fact: Fact; readonly event: RecordedEvent }[];

async function lastRevisionIn(facts: Facts, { plans }: Reading): Promise<z.infer<typeof lastRevision> | undefined> {
  const editions = facts.flatMap(({ fact, event }) => {
    const isEdition = fact.type === "PlanDrafted" || fact.type === "PlanRevised";
    return isEdition ? [{ fact, origin: event.origin }] : [];
  });
  const [before, last] = editions.slice(-2);
  if (before === undefined || last?.fact.type !== "PlanRevised") return undefined;
  const { edition, changes, words, note, definition } = last.fact.data;
  const differences = definitionDifferences(
    await plans.value(before.fact.data.definition),
    await plans.value(definition),
  );
  const { occurredAt: at, actor: by } = last.origin;
  return { edition, at, by, changes, words, differences, ...(note === undefined ? {} : { note }) };
}

/** A question that a fact ends is known by the fact that put it. */
function trailOf(facts: Facts): readonly Said[] {
  const asked: Asked = new Map();
  return facts.flatMap(({ fact, event }) => {
    const { origin, revision } = event;
    const where = { revision, at: origin.occurredAt, by: origin.actor };
    const told = saidIn(fact, asked);
    return told === undefined ? [] : [{ ...where, ...told }];
  });
}

type Told = Omit<Said, "revision" | "at" | "by"> & { readonly by?: string };

/** Questions that are open, by step; `hasWords` where their last word is a fact of its own. */
type Asked = Map<string, { readonly hash: string; readonly hasWords: boolean }>;

function saidIn(fact: Fact, asked: Asked): Told | undefined {
  if (fact.type === "StepWaitStarted") return questionIn(fact.data, asked);
  if (fact.type === "StepReviewed") {
    const { step, hash, by, verdict, note } = fact.data;
    asked.set(step, { hash, hasWords: true });
    return { what: verdict, step, hash, by, ...(note === undefined ? {} : { note }) };
  }
  if (fact.type === "PlanCommented") return commentIn(fact.data);
  if (fact.type === "PlanRevised") {
    const { note } = fact.data;
    return { what: "revised", ...(note === undefined ? {} : { note }) };
  }
  return fact.type === "StepWaitEnded" || fact.type === "StepFailed" ? endIn(fact, asked) : undefined;
}

function questionIn({ step, approval }: FactData<"StepWaitStarted">, asked: Asked): Told | undefined {
  if (approval === undefined) return undefined;
  const { hash } = approval;
  asked.set(step, { hash, hasWords: false });
  return { what: "asked", step, hash };
}

function commentIn({ text, by, about, hash }: FactData<"PlanCommented">): Told {
  const where = about === undefined ? {} : { step: about };
  return { what: "commented", by, note: text, ...where, ...(hash === undefined ? {} : { hash }) };
}

function endIn(fact: Extract<Fact, { type: "StepWaitEnded" | "StepFailed" }>, asked: Asked) {
  const { step } = fact.data;
  const question = asked.get(step);
  if (question === undefined) return undefined;
  const { hash, hasWords } = question;
  asked.delete(step);
  if (fact.type === "StepFailed") {
    const { code, message } = fact.data.error;
    if (code === "approval-denied") return { what: "denied" as const, step, hash, note: message };
    return code === "approval-expired" ? { what: "expired" as const, step, hash } : undefined;
  }
  if (hasWords) return undefined;
  const output: Json = fact.data.output === undefined ? null : (valueOf(fact.data.output, NO_BLOBS) ?? null);
  const note = noted.safeParse(output).data?.note;
  return { what: "approved" as const, step, hash, ...(note === undefined ? {} : { note }) };
}

const noted = z.object({ note: z.string() });
