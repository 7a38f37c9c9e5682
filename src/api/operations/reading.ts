import { z } from "zod";
import { json } from "#events/json.ts";
import { draftedOf } from "#machines/state.ts";
import { planStateOf } from "#machines/state.ts";
import { selectApprovals } from "#projections/approvals.ts";
import { selectCost } from "#projections/cost.ts";
import { selectCriticalPath } from "#projections/critical-path.ts";
import { selectTimeline } from "#projections/timeline.ts";
import { selectTimers } from "#projections/timers.ts";
import { selectWaiting, selectWhy } from "#projections/why.ts";
import { planReportOf } from "#src/api/plan-report.ts";
import { recorded } from "#src/api/reading.ts";
import { planDetail as detailOf, stepRows } from "#src/api/plan-detail.ts";
import { recordedFact } from "#src/api/operations/fact-shapes.ts";
import { cost } from "#src/api/operations/figure-shapes.ts";
import { asks, reads } from "#src/api/operations/operation.ts";
import * as shape from "#src/api/operations/plan-shapes.ts";
import { PAGE_POLICY } from "#src/implementation/reporting/page.ts";
import { planReport } from "#src/implementation/reporting/report.ts";

// Operations that look at plans. All but `wait` are answered from any store that can be read, whoever holds it, and give
// what the selects of projections/ say.

const plan = shape.planReference;
const revision = z.int().min(0).optional().describe("as the plan was after this fact; by default as it is now");

const MAX_PLANS = 10_000;
const MAX_STEPS = 10_000;
const MAX_FACTS = 2_000;
const MAX_WAIT_MS = 300_000;

export const readingOperations = {
  list: reads({
    route: "GET /v1/plans",
    summary: "Lists plans, the newest first, in pages.",
    input: z.strictObject({
      status: z.union([shape.planStatus, z.array(shape.planStatus).readonly()]).exactOptional(),
      live: z.boolean().exactOptional().describe("only those that have not ended; false: only those that have"),
      name: z.string().exactOptional().describe("the plan's own name, whole"),
      text: z
        .string()
        .exactOptional()
        .describe("stands in the name, the id or the error, whatever the case of its letters"),
      draftedFrom: z.number().exactOptional().describe("drafted at this moment or later, in ms since the epoch"),
      draftedBefore: z.number().exactOptional().describe("drafted before this moment"),
      limit: z.int().min(1).max(MAX_PLANS).default(50),
      cursor: z.string().max(200).exactOptional().describe("`next` of the page before"),
    }),
    output: z.object({ plans: z.array(shape.planRow).readonly(), next: z.string().exactOptional() }),
    run: async (app, { status, live, ...query }) => {
      const statuses = status === undefined ? {} : { statuses: [status].flat() };
      const tag = live === undefined ? {} : { tag: live ? ("live" as const) : ("ended" as const) };
      return app.plans.page({ ...query, ...statuses, ...tag });
    },
  }),

  get: reads({
    route: "GET /v1/plans/{plan}",
    summary: "Shows a plan as a whole: how far it is, its response and outputs.",
    input: z.strictObject({ plan, revision }),
    output: shape.planDetail,
    run: async (app, { plan: reference, revision: at }) => detailOf(await app.seen(reference, at), app.plans),
  }),

  steps: reads({
    route: "GET /v1/plans/{plan}/steps",
    summary: "Lists a plan's steps in the order of their tree.",
    input: z.strictObject({
      plan,
      revision,
      inside: z
        .enum(["all", "open", "none"])
        .default("open")
        .describe("steps inside other steps: all in memory, those that have not ended well, or none"),
      after: z.int().min(0).default(0).describe("rows to leave out: `next` of the page before"),
      limit: z.int().min(1).max(MAX_STEPS).default(1_000),
    }),
    output: z.object({
      plan: z.string(),
      revision: z.int(),
      steps: z.array(shape.stepRow).readonly(),
      next: z.int().exactOptional(),
    }),
    run: async (app, { plan: reference, revision: at, inside, after, limit }) => {
      const seen = await app.seen(reference, at);
      const rows = stepRows(seen, inside);
      const end = after + limit;
      const { planId, revision: reached } = seen.state;
      return {
        plan: planId,
        revision: reached,
        steps: rows.slice(after, end),
        ...(end < rows.length ? { next: end } : {}),
      };
    },
  }),

  timing: reads({
    route: "GET /v1/plans/{plan}/timing",
    summary: "Shows what ran when, and the chain of steps that decides when the plan ends.",
    input: z.strictObject({ plan, revision }),
    output: z.object({ plan: z.string(), timeline: shape.timeline, criticalPath: shape.criticalPath.optional() }),
    run: async (app, { plan: reference, revision: at }) => {
      const { state, now } = await app.seen(reference, at);
      const path = state.drafted === undefined ? {} : { criticalPath: selectCriticalPath(state, now) };
      return { plan: state.planId, timeline: selectTimeline(state, now), ...path };
    },
  }),

  definition: reads({
    route: "GET /v1/plans/{plan}/definition",
    summary: "Gives a plan's definition, checked and with every default filled in.",
    input: z.strictObject({ plan, revision }),
    output: z.object({
      plan: z.string(),
      edition: z.int().describe("how often the plan was revised, from 1"),
      hash: z.string(),
      definition: json,
    }),
    run: async (app, { plan: reference, revision: at }) => {
      const { state } = await app.seen(reference, at);
      const { definition: source, definitionHash } = draftedOf(state);
      const { edition } = state.header.context;
      return { plan: state.planId, edition, hash: definitionHash, definition: json.parse(source) };
    },
  }),

  history: reads({
    route: "GET /v1/plans/{plan}/history",
    summary: "Lists a plan's facts in order, as they are stored.",
    input: z.strictObject({
      plan,
      from: z.int().min(0).default(0).describe("first revision of the page"),
      limit: z.int().min(1).max(MAX_FACTS).default(500),
    }),
    output: z.object({
      plan: z.string(),
      last: z.int().describe("the plan's last revision"),
      facts: z.array(recordedFact).readonly(),
      next: z.int().optional().describe("where the next page begins"),
    }),
    run: async (app, { plan: reference, from, limit }) => {
      const { events, hasMore, last, plan: id } = await app.page(reference, { from, limit });
      return { plan: id, last, facts: events.map(recorded), ...(hasMore ? { next: from + limit } : {}) };
    },
  }),

  why: reads({
    route: "GET /v1/plans/{plan}/why",
    summary: "Explains what a step, or everything that has not ended, waits for.",
    input: z.strictObject({ plan, step: shape.stepPath.optional(), limit: z.int().min(1).max(MAX_PLANS).default(100) }),
    output: z.object({
      plan: z.string(),
      status: shape.planStatus,
      steps: z.array(shape.explanation).readonly(),
    }),
    run: async (app, { plan: reference, step, limit }) => {
      const { state } = await app.seen(reference);
      const explained = step === undefined ? selectWaiting(state, limit) : [selectWhy(state, step)];
      const steps = explained.map((one) => ({ ...one, reason: app.completed(one.reason) }));
      return { plan: state.planId, status: planStateOf(state), steps };
    },
  }),

  report: reads({
    route: "GET /v1/plans/{plan}/report",
    summary:
      "Reports a plan: percent, remaining time, slips and their causes, what blocks it, files, approvals, estimates.",
    input: z.strictObject({
      plan,
      revision,
      slots: z.int().min(1).exactOptional().describe("attempts that run at once; by default as many as want to"),
      format: z
        .enum(["json", "md", "html"])
        .exactOptional()
        .describe("also as a document, in `text`; over HTTP as that"),
    }),
    output: planReport.extend({ text: z.string().exactOptional().describe("the document, in the format asked for") }),
    documents: {
      md: { type: "text/markdown; charset=utf-8" },
      html: { type: "text/html; charset=utf-8", policy: PAGE_POLICY },
    },
    run: async (app, input) => planReportOf(app, input),
  }),

  wait: asks({
    route: "GET /v1/plans/{plan}/wait",
    summary: "Waits until a plan has ended, or only a person can bring it further; `settled` says whether it has.",
    input: z.strictObject({ plan, timeoutMs: z.int().min(0).max(MAX_WAIT_MS).default(30_000) }),
    output: shape.planDetail,
    run: async (app, { plan: reference, timeoutMs }, caller) =>
      detailOf(await app.settled(reference, timeoutMs, caller), app.plans),
  }),

  approvals: reads({
    route: "GET /v1/plans/{plan}/approvals",
    summary: "Lists what a plan asks to have approved, with the hash that an answer names.",
    input: z.strictObject({ plan }),
    output: z.object({ plan: z.string(), name: z.string(), approvals: z.array(shape.approvalRequest).readonly() }),
    run: async (app, { plan: reference }) => {
      const { state } = await app.seen(reference);
      const { name } = state.header.context;
      const asked: z.input<typeof shape.approvalRequest>[] = [];
      for (const { show, ...request } of selectApprovals(state)) {
        asked.push({ ...request, ...(show === undefined ? {} : { show: await app.plans.value(show) }) });
      }
      return { plan: state.planId, name, approvals: asked };
    },
  }),

  cost: reads({
    route: "GET /v1/plans/{plan}/cost",
    summary: "Says what a plan has taken so far: attempts, time of tools, and how that compares with the estimates.",
    input: z.strictObject({ plan, revision }),
    output: z.object({ plan: z.string(), cost }),
    run: async (app, { plan: reference, revision: at }) => {
      const { state, now } = await app.seen(reference, at);
      return { plan: state.planId, cost: selectCost(state, now) };
    },
  }),

  timers: reads({
    route: "GET /v1/plans/{plan}/timers",
    summary: "Lists what happens to a plan by itself, and when, the earliest first.",
    input: z.strictObject({ plan, limit: z.int().min(1).max(MAX_PLANS).default(100) }),
    output: z.object({ plan: z.string(), timers: z.array(shape.timer).readonly() }),
    run: async (app, { plan: reference, limit }) => {
      const { state } = await app.seen(reference);
      return { plan: state.planId, timers: selectTimers(state, limit) };
    },
  }),

  payload: reads({
    route: "GET /v1/payloads/{ref}",
    summary: "Gives the value of a payload that facts refer to.",
    input: z.strictObject({ ref: z.string().regex(/^(?:list:)?[0-9a-f]{64}$/) }),
    output: z.object({ value: json }),
    run: async (app, { ref }) => ({ value: await app.value(ref) }),
  }),
};
