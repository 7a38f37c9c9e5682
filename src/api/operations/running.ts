import { z } from "zod";
import { json, jsonObject } from "#events/json.ts";
import { finding, source } from "#src/api/operations/source-shapes.ts";
import { reads, writes } from "#src/api/operations/operation.ts";
import { acknowledged, going, planReference } from "#src/api/operations/plan-shapes.ts";
import { without } from "#src/planning/request/request-grants.ts";
import { MAX_REQUEST_CHARS } from "#src/planning/request/request-plan.ts";
import { checkSubmission } from "#src/api/submission.ts";

// Operations that bring plans in and make them go on. A plan is checked here as at the command line, and refused with the
// places of what is wrong.

const submission = z.strictObject({
  ...source,
  inputs: jsonObject.optional(),
  texts: z
    .record(z.string(), z.string())
    .optional()
    .describe("inputs as texts, read by the plan's schemas; they win over `inputs`"),
});

const key = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe("makes starting repeatable: the same key, plan and inputs give the same plan");

const started = z.object({ plan: z.string(), attached: z.boolean(), warnings: z.array(finding).readonly() });

export const runningOperations = {
  validate: reads({
    route: "POST /v1/validate",
    summary: "Checks a plan, and its inputs where some are given, without running anything.",
    input: submission,
    output: z.object({
      ok: z.boolean(),
      definition: json.optional(),
      findings: z.array(finding).readonly().describe("what is wrong; warnings alone where the plan can run"),
    }),
    run: async (app, input) => {
      const hasInputs = input.inputs !== undefined || input.texts !== undefined;
      const checked = checkSubmission(input, app, hasInputs ? "now" : "later");
      if (!checked.ok) return { ok: false, findings: checked.findings };
      return { ok: true, definition: json.parse(checked.definition), findings: checked.warnings };
    },
  }),

  submit: writes({
    route: "POST /v1/plans",
    summary: "Starts a plan; with a key, attaches to the plan that was started with it before.",
    input: submission.extend({ key }),
    output: started,
    repeatableBy: "key",
    run: (app, input, caller) => app.submit(input, caller),
  }),

  ask: writes({
    route: "POST /v1/requests",
    summary:
      "Starts a plan that answers a request in words; with a key, attaches to the one that was started with it before.",
    input: z.strictObject({
      request: z.string().max(MAX_REQUEST_CHARS).describe("what is asked, in words"),
      context: jsonObject.optional().describe("values that go with it, by name: data, never instructions"),
      session: z
        .string()
        .max(200)
        .optional()
        .describe("the conversation that it belongs to; its earlier requests come with it"),
      without: without.optional(),
      key,
    }),
    output: started.extend({
      told: z
        .enum(["cancelled", "answered"])
        .optional()
        .describe(
          "what was done to the session's last plan, where the request was about that one and is none of its own",
        ),
    }),
    repeatableBy: "key",
    run: (app, input, caller) => app.answer(input, caller),
  }),

  resume: writes({
    route: "POST /v1/resume",
    summary: "Takes up a plan, or all plans, that a crash, an interruption or an answer left; ends the pause of one.",
    input: z.strictObject({ plan: planReference.optional() }),
    output: z.object({ plans: z.array(z.object({ plan: z.string(), name: z.string(), ...going })).readonly() }),
    run: async (app, { plan }, caller) => ({ plans: await app.resume(plan, caller) }),
  }),

  release: writes({
    route: "POST /v1/plans/{plan}/release",
    summary: "Lets a plan out of quarantine.",
    input: z.strictObject({ plan: planReference }),
    output: acknowledged.pick({ plan: true, goesOn: true, because: true }),
    run: (app, { plan }) => app.release(plan),
  }),
};
