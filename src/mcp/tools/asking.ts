import { z } from "zod";
import type { Client } from "#src/api/client.ts";
import { QUESTION_SIGNAL } from "#src/api/open-questions.ts";
import { OPERATIONS } from "#src/api/operations/table.ts";
import { innerReport, reported } from "#src/mcp/plan-report.ts";
import { mcpTool, type ToolCall } from "#src/mcp/tool.ts";
import { waited, waitSeconds } from "#src/mcp/waiting.ts";

// Requests in words: planned, run, and answered.
//
// W1. What is asked back goes to the person behind the client, where it can be put before them; else it is the result of the call, and
//     whoever called answers it by plan_answer.
// W2. Without a name of its own a request belongs to the conversation of the connection, so that "the same for Oslo" has something before it.

const { ask, signal: answering } = OPERATIONS;

/** Of a request or an answer, in one call. */
const MAX_ROUNDS = 10;
const MS_PER_SECOND = 1_000;

export const askingTools = [
  mcpTool({
    name: "plan_ask",
    title: "Do what is asked in words",
    description:
      "Plans a request in plain English with the tools there are, runs the plan and answers, waiting at most `waitSeconds`. Use it where a sentence says what is wanted; plan_submit takes a plan that you wrote. What is missing is asked back: `report.awaited` has the questions, plan_answer answers them. Nothing that cannot be taken back happens without an approval.",
    effect: "decides",
    input: ask.input.extend({ waitSeconds: waitSeconds.default(60) }),
    output: z.object({ plan: z.string(), attached: z.boolean(), report: innerReport }),
    run: async ({ waitSeconds: seconds, ...asked }, call) => {
      const { client, signal, conversation } = call;
      const session = asked.session ?? conversation;
      const { plan, attached } = await client.ask(
        { ...asked, ...(session === undefined ? {} : { session }) },
        { signal },
      );
      return { plan, attached, report: await conversed(plan, seconds, call) };
    },
  }),

  mcpTool({
    name: "plan_answer",
    title: "Answer what a plan asks",
    description:
      "Answers the questions in `awaited` of a plan that plan_ask began: a text, or values by the ids of the questions. It goes on, and may ask again.",
    effect: "adds",
    input: answering.input.pick({ plan: true, id: true }).extend({
      answer: z.union([z.string(), z.record(z.string(), z.unknown())]),
      waitSeconds: waitSeconds.default(60),
    }),
    output: z.object({ plan: z.string(), report: innerReport }),
    run: async ({ plan: reference, id, answer, waitSeconds: seconds }, call) => {
      const { client, signal } = call;
      const { plan } = await answered(client, { plan: reference, answer, ...(id === undefined ? {} : { id }) }, signal);
      return { plan, report: await conversed(plan, seconds, call) };
    },
  }),
];

interface Answer {
  readonly plan: string;
  readonly answer: unknown;
  readonly id?: string;
}

function answered(client: Client, { answer, ...of }: Answer, signal: AbortSignal) {
  const { payload } = answering.input.shape;
  return client.signal({ ...of, name: QUESTION_SIGNAL, payload: payload.parse(answer) }, { signal });
}

/** The plan as it is when nobody can bring it further here, or the time is over. */
async function conversed(plan: string, seconds: number, call: ToolCall) {
  const { client, clock, signal, person } = call;
  const until = clock.monotonic() + seconds * MS_PER_SECOND;
  for (let round = 1; ; round += 1) {
    const left = Math.max(0, until - clock.monotonic()) / MS_PER_SECOND;
    const detail = await waited(plan, left, call);
    const open = detail.awaited.find((one) => one.signal === QUESTION_SIGNAL);
    const answer = open === undefined || round > MAX_ROUNDS ? undefined : await person?.(open);
    if (answer === undefined) return reported(detail, client, signal);
    await answered(client, { plan, answer }, signal);
  }
}
