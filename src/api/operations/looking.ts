import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { json } from "#events/json.ts";
import { classHistory, toolReport } from "#src/api/operations/figure-shapes.ts";
import { reads, asks } from "#src/api/operations/operation.ts";
import type { Tool } from "#src/tools/define.ts";
import { toolView } from "#src/tools/tool-view.ts";

// Operations about the process that answers and its store: its tools, what is wrong with the store, who holds it.
// They concern no plan in particular.

const terms = z.array(z.string()).readonly().exactOptional();

const toolShape = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  sideEffects: z.enum(["read", "write", "irreversible"]),
  idempotent: z.boolean(),
  isolate: z.enum(["thread", "process"]).exactOptional().describe("where it runs, if not in the loop"),
  source: z.string().exactOptional().describe("whoever runs it, where that is not Planwright: mcp files"),
  domains: terms.describe("subjects that it belongs to"),
  cost: z.object({ amount: z.number(), unit: z.string() }).exactOptional().describe("of one call"),
  permissions: terms.describe("what somebody must be allowed"),
  preconditions: terms.describe("what must be so before it runs"),
  effects: terms.describe("what is so afterwards"),
  inputSchema: json,
  outputSchema: json,
});

const quarantinedPlan = z.object({ plan: z.string(), code: z.string(), message: z.string(), revision: z.int() });

const heardMs = z.number().describe("since it was heard last, in ms");

const coordinator = z.object({
  id: z.string(),
  partitions: z.int(),
  heardMs,
  isAnswering: z.boolean().describe("it gave this answer"),
});

const executor = z.object({
  id: z.string(),
  version: z.string(),
  pool: z.string().exactOptional().describe("the only one whose steps it runs"),
  tools: z.array(z.string()).readonly().exactOptional().describe("without them: every tool"),
  slots: z.int().exactOptional(),
  used: z.int().exactOptional().describe("slots with an attempt under way"),
  heardMs,
});

const place = { stream: z.string().optional(), revision: z.int().optional(), position: z.int().optional() };

export const lookingOperations = {
  tools: reads({
    route: "GET /v1/tools",
    summary: "Lists the tools that plans can call, with their schemas.",
    input: z.strictObject({}),
    output: z.object({ tools: z.array(toolShape).readonly() }),
    run: async (app) => ({ tools: app.tools.list().map(described) }),
  }),

  tool: reads({
    route: "GET /v1/tools/{name}",
    summary: "Describes one tool.",
    input: z.strictObject({ name: z.string().min(1).max(200) }),
    output: toolShape,
    run: async (app, { name }) => {
      const found = app.tools.get(name);
      if (found !== undefined) return described(found);
      const nearest = app.tools.nearest(name);
      const meant = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      throw new Fault("unknown-tool", `there is no tool ${JSON.stringify(name)}${meant}`);
    },
  }),

  toolStatistics: reads({
    route: "GET /v1/tool-statistics",
    summary: "Says how tools have done so far: outcomes by category and latencies, one report a version.",
    input: z.strictObject({}),
    output: z.object({ tools: z.array(toolReport).readonly() }),
    run: async (app) => ({ tools: await app.plans.toolReports() }),
  }),

  finishedChanges: reads({
    route: "GET /v1/finished-changes",
    summary: "Says how long finished changes took and what was estimated, by remedy, difficulty and size.",
    input: z.strictObject({}),
    output: z.object({ classes: z.array(classHistory).readonly() }),
    run: async (app) => ({ classes: await app.plans.finishedChanges() }),
  }),

  quarantined: reads({
    route: "GET /v1/quarantine",
    summary: "Lists the plans that cannot be run until somebody releases them.",
    input: z.strictObject({}),
    output: z.object({ plans: z.array(quarantinedPlan).readonly() }),
    run: async (app) => ({ plans: await app.quarantined() }),
  }),

  examination: reads({
    route: "GET /v1/examination",
    summary: "Checks every checksum, every fact and every payload of the store; it reads all of it.",
    input: z.strictObject({}),
    output: z.object({
      ok: z.boolean(),
      verified: z.object({
        streams: z.int(),
        appends: z.int(),
        events: z.int(),
        damages: z
          .array(z.object({ kind: z.enum(["file", "log", "cache"]), message: z.string(), ...place }))
          .readonly(),
        truncated: z.boolean(),
      }),
      examined: z.object({
        events: z.int(),
        blobs: z.int(),
        problems: z
          .array(z.object({ code: z.string(), message: z.string(), stream: z.string(), revision: z.int() }))
          .readonly(),
        quarantined: z.array(quarantinedPlan).readonly(),
      }),
    }),
    run: async (app, _input, { signal }) => {
      const { verified, examined } = await app.examination({ signal });
      const isWhole = verified.damages.every(({ kind }) => kind === "cache");
      return { ok: isWhole && examined.problems.length + examined.quarantined.length === 0, verified, examined };
    },
  }),

  status: asks({
    route: "GET /v1/status",
    summary: "Says who holds the store, with which version, since when and how busy it is.",
    input: z.strictObject({}),
    output: z.object({
      version: z.string(),
      pid: z.int(),
      command: z.string(),
      since: z.number(),
      store: z.string(),
      root: z
        .string()
        .describe("directory that the fs, shell and git tools of plans stay inside that are started here"),
      head: z.int().describe("position of the last fact, -1 for none"),
      livePlans: z.int().describe("plans in memory"),
      mailboxPeak: z.int(),
      quarantined: z.int(),
      caller: z.string().describe("the principal that you are"),
      coordinators: z
        .array(coordinator)
        .readonly()
        .describe("who runs plans, and how many of the 256 partitions of each"),
      freePartitions: z.int().describe("those that nobody owns for now: their plans stand still"),
      executors: z.array(executor).readonly(),
    }),
    run: async (app, _input, { actor }) => ({
      ...app.about,
      root: app.engine.root,
      ...app.engine.load(),
      ...app.engine.installation(),
      head: await app.head(),
      quarantined: app.engine.quarantined().length,
      caller: actor,
    }),
  }),
};

function described(tool: Tool) {
  const view = toolView(tool);
  return { ...view, inputSchema: json.parse(view.inputSchema), outputSchema: json.parse(view.outputSchema) };
}
