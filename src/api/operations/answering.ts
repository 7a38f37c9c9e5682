import { z } from "zod";
import type { Command } from "#events/commands.ts";
import { json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { stepChange } from "#events/plan-facts.ts";
import type { Application } from "#src/api/application.ts";
import type { Caller } from "#src/api/caller.ts";
import { asks, reads, writes } from "#src/api/operations/operation.ts";
import { finding, source } from "#src/api/operations/source-shapes.ts";
import { acknowledged, note, planReference, stepPath } from "#src/api/operations/plan-shapes.ts";

// Operations by which a person decides about a plan. Each is one command of the law and records who asked; whether it is
// allowed is the law's to say.

const plan = planReference;
const output = acknowledged;
const withNote = z.strictObject({ plan, note: note.optional() });
const done = z.object({ kind: z.literal("done"), output: json });

const decision = z.strictObject({
  plan,
  step: stepPath,
  hash: z.string().min(1).max(200).describe("of the question, as `approvals` shows it"),
  note: note.optional(),
});

const part = {
  from: stepPath.optional().describe("only this step and what depends on it"),
  to: stepPath.optional().describe("everything but this step and what it depends on"),
};

const undoCall = z.object({
  step: z.string(),
  tool: z.string(),
  version: z.string(),
  problem: z.object({ code: z.string(), message: z.string() }).optional().describe("why it has no arguments"),
});

const revision = z.strictObject({ plan, ...source });

export const answeringOperations = {
  cancel: writes({
    route: "POST /v1/plans/{plan}/cancel",
    summary: "Cancels a plan: nothing new starts, what runs is told to stop.",
    input: withNote,
    output,
    run: (app, { plan: of, note: said }, caller) => app.ask(of, { type: "CancelPlan", ...noted(said) }, caller),
  }),

  compare: asks({
    route: "POST /v1/plans/{plan}/compare",
    summary: "Checks what a plan would be revised to, and says what would be different.",
    input: revision,
    output: z.object({
      plan: z.string(),
      edition: z.int().describe("what a revision names, so that it overwrites no other one"),
      ok: z.boolean(),
      findings: z.array(finding).readonly(),
      changes: z.array(stepChange).readonly(),
      words: z.array(z.string()).readonly().describe("words of the plan itself that would not be as they are"),
    }),
    run: (app, input) => app.compare(input),
  }),

  revise: writes({
    route: "POST /v1/plans/{plan}/revise",
    summary:
      "Goes on with another definition: what has begun stays, whatever has not, or has failed, may be different.",
    input: revision.extend({
      edition: z.int().min(1).describe("the edition that was looked at, as `compare` and `definition` say it"),
      note: note.optional(),
    }),
    output,
    run: (app, { edition, note: said, ...submitted }, caller) =>
      app.revise(submitted, { edition, ...noted(said) }, caller),
  }),

  pause: writes({
    route: "POST /v1/plans/{plan}/pause",
    summary: "Pauses a plan: nothing new starts until it is resumed, what runs may end.",
    input: withNote,
    output,
    run: (app, { plan: of, note: said }, caller) => app.ask(of, { type: "PausePlan", ...noted(said) }, caller),
  }),

  signal: writes({
    route: "POST /v1/plans/{plan}/signals",
    summary: "Sends a signal to the step that waits for it, or will.",
    input: z.strictObject({
      plan,
      name: z.string().min(1).max(200),
      payload: json.default(null).describe("what the waiting step gives as its output"),
      id: z.string().min(1).max(200).optional().describe("the sender's own name for it: sent again it changes nothing"),
      expiresMs: z.number().positive().optional().describe("how long it is kept for a step that does not wait yet"),
    }),
    output,
    run: (app, { plan: of, name, payload, id, expiresMs }, caller) => {
      const more = { ...(id === undefined ? {} : { id }), ...(expiresMs === undefined ? {} : { expiresMs }) };
      const by = caller.actor;
      return app.ask(of, { type: "SendSignal", name, payload: inline(payload), by, ...more }, caller);
    },
  }),

  approve: writes({
    route: "POST /v1/plans/{plan}/approve",
    summary: "Approves what a step asks for.",
    input: decision,
    output,
    run: (app, input, caller) => decide(app, { ...input, verdict: "approved" }, caller),
  }),

  deny: writes({
    route: "POST /v1/plans/{plan}/deny",
    summary: "Denies what a step asks for: the step fails, and its fallback applies.",
    input: decision,
    output,
    run: (app, input, caller) => decide(app, { ...input, verdict: "denied" }, caller),
  }),

  requestChanges: writes({
    route: "POST /v1/plans/{plan}/request-changes",
    summary: "Asks for changes of what a question covers: it stays open, and nobody else's approval is taken.",
    input: decision.extend({ note: note.describe("what should be different") }),
    output,
    run: (app, input, caller) => decide(app, { ...input, verdict: "changes-requested" }, caller),
  }),

  withdraw: writes({
    route: "POST /v1/plans/{plan}/withdraw",
    summary: "Takes back what the caller has said of a question that is open: an approval, or a request for changes.",
    input: decision,
    output,
    run: (app, input, caller) => decide(app, { ...input, verdict: "withdrawn" }, caller),
  }),

  comment: writes({
    route: "POST /v1/plans/{plan}/comments",
    summary: "Says something about a plan or a step of it; nothing follows from it.",
    input: z.strictObject({ plan, step: stepPath.optional(), text: z.string().min(1).max(4_000) }),
    output,
    run: (app, { plan: of, step, text }, caller) => {
      const about = step === undefined ? {} : { step };
      return app.ask(of, { type: "CommentPlan", text, by: caller.actor, ...about }, caller);
    },
  }),

  retry: writes({
    route: "POST /v1/plans/{plan}/retry",
    summary: "Reopens a plan that has ended without success: what failed runs again, what succeeded stays.",
    input: withNote,
    output,
    run: (app, { plan: of, note: said }, caller) => app.ask(of, { type: "ReopenPlan", ...noted(said) }, caller),
  }),

  resolve: writes({
    route: "POST /v1/plans/{plan}/resolve",
    summary: "Answers for an attempt of which nobody knows whether it had its effect.",
    input: z.strictObject({
      plan,
      step: stepPath,
      answer: z.discriminatedUnion("kind", [
        done,
        z.object({ kind: z.literal("retry") }),
        z.object({ kind: z.literal("fail"), note: note.optional() }),
      ]),
    }),
    output,
    run: (app, { plan: of, step, answer }, caller) =>
      app.ask(of, { type: "ResolveOutcome", step, resolution: resolutionOf(answer) }, caller),
  }),

  give: writes({
    route: "POST /v1/plans/{plan}/outcome",
    summary:
      "Says what a step comes to: done with an output, or skipped; reopens a plan that has ended without success.",
    input: z.strictObject({
      plan,
      step: stepPath,
      outcome: z.discriminatedUnion("kind", [done, z.object({ kind: z.literal("skipped") })]),
      note: note.optional(),
    }),
    output,
    run: (app, { plan: of, step, outcome, note: said }, caller) => {
      const given = outcome.kind === "done" ? { kind: outcome.kind, output: inline(outcome.output) } : outcome;
      return app.ask(of, { type: "GiveOutcome", step, outcome: given, ...noted(said) }, caller);
    },
  }),

  preview: reads({
    route: "GET /v1/plans/{plan}/rollback",
    summary: "Shows what a rollback would take back, and what would stay, without asking for it.",
    input: z.strictObject({ plan, ...part }),
    output: z.object({
      plan: z.string(),
      refusal: z
        .object({ code: z.string(), reason: z.string() })
        .exactOptional()
        .describe("why it is not possible now"),
      layers: z
        .array(z.array(undoCall).readonly())
        .readonly()
        .describe("calls that undo, in the order in which they run; those of a layer run beside each other"),
      irreversible: z.array(z.string()).readonly().describe("steps that a rollback wants accepted"),
      withoutUndo: z.array(z.string()).readonly().describe("steps that may have had an effect, which stays"),
      running: z.array(z.string()).readonly().describe("steps with an attempt under way, which is told to stop first"),
    }),
    run: async (app, { plan: of, from, to }) => {
      const found = await app.plans.find(of);
      const { layers, ...preview } = await app.plans.rollbackPreview(found, { from, to });
      return { plan: found, ...preview, layers: layers.map((layer) => layer.map(({ args: _args, ...call }) => call)) };
    },
  }),

  rollback: writes({
    route: "POST /v1/plans/{plan}/rollback",
    summary: "Takes back what a plan has done, in reverse order; irreversible steps must be accepted by name before.",
    input: withNote.extend({
      ...part,
      acceptIrreversible: z.boolean().optional().describe("the irreversible steps were seen, and stay as they are"),
    }),
    output,
    run: (app, { plan: of, note: said, from, to, acceptIrreversible }, caller) => {
      const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const accept = acceptIrreversible === undefined ? {} : { acceptIrreversible };
      return app.ask(of, { type: "RollbackPlan", ...bounds, ...accept, ...noted(said) }, caller);
    },
  }),
};

type Decision = z.output<typeof decision> & {
  readonly verdict: Extract<Command, { type: "DecideApproval" }>["verdict"];
};

/** Whether the caller has the role that is asked for is the law's business; which roles it has, the configuration's. */
function decide(app: Application, { plan: of, step, hash, verdict, note: said }: Decision, caller: Caller) {
  const { actor: by } = caller;
  const roles = app.rolesOf(by);
  return app.ask(of, { type: "DecideApproval", step, hash, verdict, by, roles, ...noted(said) }, caller);
}

type Resolution = Extract<Command, { type: "ResolveOutcome" }>["resolution"];

type Answer =
  z.output<typeof done> | { readonly kind: "retry" } | { readonly kind: "fail"; readonly note?: string | undefined };

function resolutionOf(answer: Answer): Resolution {
  if (answer.kind === "done") return { kind: "done", output: inline(answer.output) };
  return answer.kind === "fail" ? { kind: "fail", ...noted(answer.note) } : answer;
}

function noted(said: string | undefined): { note?: string } {
  return said === undefined ? {} : { note: said };
}
