import { z } from "zod";
import { errorInfo } from "#events/errors.ts";
import { planId } from "#events/ids.ts";
import { payload } from "#events/payload.ts";

// Facts about a plan as a whole, and those of the `system` stream, which speak of plans whose own fold may fail.
// Facts about plans carry the epoch of the owner that recorded them; those of `system` have one writer and need none.

/** Sentences of one response whose steps are recorded, and steps of one sentence. */
export const MAX_SENTENCES = 200;
export const MAX_STEPS_NAMED = 50;

const fenced = { epoch: z.int().min(0) };

export const planDrafted = z.object({
  name: z.string(),
  /** Counts how often the plan was revised, from 1. */
  edition: z.int().min(1),
  /** Chart and fold that this plan runs on, e.g. `plan@1`. */
  machine: z.string(),
  definition: payload,
  definitionHash: z.string(),
  steps: z.int().min(1),
});

export const planStarted = z.object({ ...fenced, inputs: payload, deadlineAt: z.number().optional() });

export const stepChange = z.object({
  step: z.string(),
  change: z.enum(["added", "removed", "changed"]),
  /** Of a changed step: the words of it that are not as they were. */
  words: z.array(z.string()),
});
export type StepChange = z.infer<typeof stepChange>;

/** What made a plan go on otherwise where nobody asked for it. */
const revisionCause = z.discriminatedUnion("kind", [
  /** A step gave how the plan goes on. */
  z.object({ kind: z.literal("rest"), step: z.string() }),
  /** Steps failed for good, at most 100 of them, and are planned anew. */
  z.object({
    kind: z.literal("failure"),
    failed: z.array(z.string()),
    error: errorInfo,
  }),
]);

/** The plan goes on with another definition; what had begun stays as it is. */
export const planRevised = z.object({
  ...fenced,
  edition: z.int().min(2),
  definition: payload,
  definitionHash: z.string(),
  steps: z.int().min(1),
  /** At most 100 of them. */
  changes: z.array(stepChange),
  /** Words of the plan itself that are not as they were. */
  words: z.array(z.string()),
  deadlineAt: z.number().optional(),
  note: z.string().optional(),
  cause: revisionCause.optional(),
});

/** Nothing new starts until the plan is resumed; what runs goes on, and so does the clock unless the plan says otherwise. */
export const planPaused = z.object({ ...fenced, note: z.string().optional() });

export const planResumed = z.object({
  ...fenced,
  note: z.string().optional(),
  /** Every deadline and wait of the plan is due so much later: the clock stood still. */
  shiftMs: z.number().min(0).optional(),
});

/** Kept until a step waits for its name, or until it expires. */
export const signalReceived = z.object({
  ...fenced,
  /** Counts the signals of the plan from 1. */
  number: z.int().min(1),
  name: z.string(),
  payload,
  /** Principal that sent it. */
  by: z.string(),
  /** The sender's own name for it: the same again is no other signal. */
  id: z.string().optional(),
  expiresAt: z.number().optional(),
});

/** No step waited for it in time. */
export const signalExpired = z.object({ ...fenced, number: z.int().min(1) });

/** What somebody has to say; nothing follows from it. */
export const planCommented = z.object({
  ...fenced,
  text: z.string(),
  /** Authenticated principal. */
  by: z.string(),
  /** Path of the step that it is about. */
  about: z.string().optional(),
  /** Of the question that the step had put when it was said. */
  hash: z.string().optional(),
});

export const planCancelRequested = z.object({
  ...fenced,
  cause: z.enum(["requested", "deadline"]),
  note: z.string().optional(),
});

/** A sentence of a response that is text: its place, in UTF-16 units, and the steps that it stands on. */
const toldSentence = z.object({
  from: z.int().min(0),
  to: z.int().min(0),
  steps: z.array(z.string()).max(MAX_STEPS_NAMED),
});
export type ToldSentence = z.infer<typeof toldSentence>;

/** What is answered to whoever asked for the plan. */
const answered = {
  response: payload.optional(),
  provenance: z.array(toldSentence).max(MAX_SENTENCES).optional(),
};

export const planCancelled = z.object({ ...fenced, note: z.string().optional(), ...answered });

export const planSucceeded = z.object({ ...fenced, outputs: payload.optional(), ...answered });

export const planFailed = z.object({
  ...fenced,
  error: errorInfo,
  /** Steps that failed for good, at most 100 of them. */
  failed: z.array(z.string()),
  /** What the plan would have given, where that is why it failed: it does not fit what the plan returns. */
  outputs: payload.optional(),
  ...answered,
});

/** Nothing new starts; when what runs has answered, undo runs. */
export const planRollbackStarted = z.object({
  ...fenced,
  cause: z.enum(["requested", "failure"]),
  /** Counts the rollbacks of the plan from 1; the undo calls run inside the step `undo:<number>`. */
  number: z.int().min(1),
  /** Only this step and what depends on it. */
  from: z.string().optional(),
  /** Everything but this step and what it depends on. */
  to: z.string().optional(),
  note: z.string().optional(),
  /** Steps that have happened and that nothing takes back, named before anything ran. */
  irreversible: z.array(z.string()),
  /** What made the plan fail that rolls back because of it. */
  error: errorInfo.optional(),
});

export const planRolledBack = z.object({ ...fenced, ...answered });

/** A plan that had ended goes on: steps that failed, were stopped or were undone start again. */
export const planReopened = z.object({ ...fenced, note: z.string().optional(), deadlineAt: z.number().optional() });

export const planQuarantined = z.object({
  plan: planId,
  stream: z.string(),
  /** Revision of the event that could not be folded, or that the failing turn began at. */
  revision: z.int(),
  code: z.string(),
  message: z.string(),
});

export const planReleased = z.object({ plan: planId });
