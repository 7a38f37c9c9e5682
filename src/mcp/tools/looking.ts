import { z } from "zod";
import { OPERATIONS } from "#src/api/operations/table.ts";
import { fitting, MAX_RESULT_CHARS } from "#src/mcp/bounded.ts";
import { explained, planReport, reported } from "#src/mcp/plan-report.ts";
import { mcpTool } from "#src/mcp/tool.ts";

// Tools that look at plans and change nothing.
//
// K1. Pages are as small as a model can take: where one is cut, `next` says where to go on.

const { list, steps, history, why, get, definition, payload, tools, tool } = OPERATIONS;

const MAX_PLANS = 100;
const MAX_STEPS = 500;
const MAX_FACTS = 200;
const MAX_WAITING = 100;
const MAX_TOOLS = 100;
/** Of a page's rows; the rest of a result is their envelope. */
const PAGE_CHARS = MAX_RESULT_CHARS / 2;

export const lookingTools = [
  mcpTool({
    name: "plan_status",
    title: "Show a plan",
    description:
      "Shows how far a plan is, what it waits for, its outputs and response once it has ended, and in `next` what to do now. To be told when something changes, subscribe to the resource planwright://plans/PLAN, or use plan_wait.",
    effect: "looks",
    input: get.input,
    output: planReport,
    run: async (input, { client, signal }) => reported(await client.get(input, { signal }), client, signal),
  }),

  mcpTool({
    name: "plan_list",
    title: "List plans",
    description:
      "Lists plans, the newest first, in pages: `next` is the `cursor` of the page after. `live: true` for those that have not ended.",
    effect: "looks",
    input: list.input.extend({ limit: z.int().min(1).max(MAX_PLANS).default(20) }),
    output: list.output,
    run: (input, { client, signal }) => client.list(input, { signal }),
  }),

  mcpTool({
    name: "plan_steps",
    title: "List the steps of a plan",
    description:
      "Lists the steps of a plan with their states, attempts and errors, in the order of their tree. `next` is the `after` of the page that follows.",
    effect: "looks",
    input: steps.input.extend({ limit: z.int().min(1).max(MAX_STEPS).default(100) }),
    output: steps.output,
    run: async (input, { client, signal }) => {
      const { steps: rows, next, ...rest } = await client.steps(input, { signal });
      const fits = fitting(rows, PAGE_CHARS);
      const after = fits < rows.length ? input.after + fits : next;
      return { ...rest, steps: rows.slice(0, fits), ...(after === undefined ? {} : { next: after }) };
    },
  }),

  mcpTool({
    name: "plan_history",
    title: "Read the history of a plan",
    description:
      "Lists the facts of a plan in order, as they are stored: who asked for what and when, every attempt, every decision. `next` is the `from` of the page that follows; begin near `last` for what happened most recently. A payload that is kept apart is `{blob: REF}` or `{list: REF}`, which plan_value reads.",
    effect: "looks",
    input: history.input.extend({ limit: z.int().min(1).max(MAX_FACTS).default(50) }),
    output: history.output,
    run: async (input, { client, signal }) => {
      const { facts, next, ...rest } = await client.history(input, { signal });
      const fits = fitting(facts, PAGE_CHARS);
      const from = fits < facts.length ? input.from + fits : next;
      return { ...rest, facts: facts.slice(0, fits), ...(from === undefined ? {} : { next: from }) };
    },
  }),

  mcpTool({
    name: "plan_definition",
    title: "Show the definition of a plan",
    description:
      "Gives the definition of a plan, checked and with every default filled in: what plan_revise would change. `edition` counts its revisions.",
    effect: "looks",
    input: definition.input,
    output: definition.output,
    run: (input, { client, signal }) => client.definition(input, { signal }),
  }),

  mcpTool({
    name: "plan_value",
    title: "Read a value of a plan",
    description:
      "Gives the value of a payload that plan_history shows as `{blob: REF}` (give REF) or `{list: REF}` (give list:REF).",
    effect: "looks",
    input: payload.input,
    output: payload.output,
    run: (input, { client, signal }) => client.payload(input, { signal }),
  }),

  mcpTool({
    name: "plan_why",
    title: "Explain what a plan waits for",
    description:
      "Explains why a step, or everything that has not ended, is where it is: needs that are open, a slot, a timer, a retry, a signal, an approval, an outcome that nobody knows.",
    effect: "looks",
    input: why.input.extend({ limit: z.int().min(1).max(MAX_WAITING).default(20) }),
    output: why.output.extend({ steps: z.array(explained).readonly() }),
    run: (input, { client, signal }) => client.why(input, { signal }),
  }),

  mcpTool({
    name: "tool_list",
    title: "List the tools of plans",
    description:
      "Lists the tools that the steps of a plan can call, without their schemas, which tool_describe gives. `text` looks in names and descriptions.",
    effect: "looks",
    input: z.strictObject({
      text: z.string().max(200).optional().describe("stands in the name or the description, whatever its case"),
      after: z.int().min(0).default(0).describe("tools to leave out: `next` of the page before"),
      limit: z.int().min(1).max(MAX_TOOLS).default(50),
    }),
    output: z.object({
      tools: z.array(tool.output.pick({ name: true, version: true, description: true, sideEffects: true })).readonly(),
      next: z.int().exactOptional(),
    }),
    run: async ({ text = "", after, limit }, { client, signal }) => {
      const all = (await client.tools({}, { signal })).tools.map(({ name, version, description, sideEffects }) => ({
        ...{ name, version, description, sideEffects },
      }));
      const meant = all.filter(({ name, description }) =>
        `${name}\n${description}`.toLowerCase().includes(text.toLowerCase()),
      );
      const page = meant.slice(after, after + limit);
      const shown = page.slice(0, fitting(page, PAGE_CHARS));
      const end = after + shown.length;
      return { tools: shown, ...(end < meant.length ? { next: end } : {}) };
    },
  }),

  mcpTool({
    name: "tool_describe",
    title: "Describe a tool of plans",
    description:
      "Describes one tool that steps can call: the schemas of its arguments and its output, and whether it changes anything.",
    effect: "looks",
    input: tool.input,
    output: tools.output.shape.tools.unwrap().element,
    run: (input, { client, signal }) => client.tool(input, { signal }),
  }),
];
