import { z } from "zod";
import { OPERATIONS } from "#src/api/operations/table.ts";
import { innerReport, planReport, reported } from "#src/mcp/plan-report.ts";
import { mcpTool } from "#src/mcp/tool.ts";
import { waited, waitSeconds } from "#src/mcp/waiting.ts";

// Tools that bring plans in and wait for them.
//
// S1. A call that is taken back ends its waiting; the plan goes on.

const { submit, validate, wait, resume } = OPERATIONS;

const plan = wait.input.shape.plan;

export const submittingTools = [
  mcpTool({
    name: "plan_validate",
    title: "Check a plan",
    description:
      "Checks a plan, and its inputs where some are given, without running anything. Use it before plan_submit while you write a plan: each finding has its place in the text, a code and mostly a suggestion. Read the resource planwright://plan-language for the language, and tool_list for the tools that steps can call.",
    effect: "looks",
    input: validate.input,
    output: validate.output.omit({ definition: true }),
    run: async (input, { client, signal }) => {
      const { ok, findings } = await client.validate(input, { signal });
      return { ok, findings };
    },
  }),

  mcpTool({
    name: "plan_submit",
    title: "Start a plan",
    description:
      "Starts a plan, durably: it goes on through crashes and after this call, whatever becomes of the client. Give a `key` of your own, so that submitting again (after a timeout, say) finds the same plan and starts no second one. With `waitSeconds` it waits for the end, with progress; taking the call back ends the waiting, and the plan goes on (plan_cancel ends it). Afterwards: plan_wait or plan_status. A plan that cannot run is refused as plan-refused, with findings.",
    effect: "decides",
    input: submit.input.extend({ waitSeconds: waitSeconds.default(0) }),
    output: submit.output.extend({
      report: innerReport.exactOptional(),
      next: z.string(),
    }),
    run: async ({ waitSeconds: seconds, ...submission }, call) => {
      const { client, signal } = call;
      const started = await client.submit(submission, { signal });
      if (seconds === 0) return { ...started, next: "plan_wait waits for it, plan_status shows how far it is" };
      const detail = await waited(started.plan, seconds, call);
      const report = await reported(detail, client, signal);
      return { ...started, report, next: report.next };
    },
  }),

  mcpTool({
    name: "plan_wait",
    title: "Wait for a plan",
    description:
      "Waits until a plan has ended or only a person can bring it further, at most `waitSeconds`; `settled` says whether that came. Sends progress. When the time is over, or the call is taken back, the plan goes on: call it again, or do something else meanwhile.",
    effect: "looks",
    input: z.strictObject({ plan, waitSeconds: waitSeconds.default(30) }),
    output: planReport,
    run: async ({ plan: reference, waitSeconds: seconds }, call) => {
      const { client, signal } = call;
      const { plan: id } = await client.get({ plan: reference }, { signal });
      return reported(await waited(id, seconds, call), client, signal);
    },
  }),

  mcpTool({
    name: "plan_resume",
    title: "Let plans go on",
    description:
      "Ends the pause of a plan, or takes up what a crash or an interruption left; without `plan`, all that was left. `because` says why one does not go on, e.g. a tool that is missing here.",
    effect: "adds",
    isIdempotent: true,
    input: resume.input,
    output: resume.output,
    run: (input, { client, signal }) => client.resume(input, { signal }),
  }),
];
