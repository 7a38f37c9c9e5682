import { z } from "zod";
import type { Output } from "#src/api/client.ts";
import { QUESTION_SIGNAL } from "#src/api/open-questions.ts";
import { progressTeller, watchPlan, type Look } from "#src/mcp/progress.ts";
import type { ToolCall } from "#src/mcp/tool.ts";

// A call that waits for a plan: at most so long, with progress where the client wants it. Whoever takes such a call back ends the
// waiting and nothing else.

const MAX_WAIT_SECONDS = 300;

export const waitSeconds = z
  .number()
  .min(0)
  .max(MAX_WAIT_SECONDS)
  .describe(
    `how long to wait until it has ended or needs a person, at most ${MAX_WAIT_SECONDS}; the plan goes on afterwards`,
  );

const MS = 1_000;

/** The plan as it is when it has settled, waits for a person, or the time is over. Faults: `too-many-calls`, and those of `wait`. */
export function waited(plan: string, seconds: number, call: ToolCall): Promise<Output<"wait">> {
  return call.waits(() => waitedFor(plan, seconds, call));
}

async function waitedFor(plan: string, seconds: number, call: ToolCall): Promise<Output<"wait">> {
  const { client, clock, signal, tell } = call;
  const over = new AbortController();
  const forPerson = new AbortController();
  const tellLook = tell === undefined ? undefined : progressTeller(tell);
  const onLook = async (look: Look): Promise<void> => {
    await tellLook?.(look);
    if (isForPerson(look)) forPerson.abort();
  };
  const watching = watchPlan(plan, { client, clock, onLook }, AbortSignal.any([signal, over.signal]));
  try {
    const until = AbortSignal.any([signal, forPerson.signal]);
    return await client.wait({ plan, timeoutMs: Math.round(seconds * MS) }, { signal: until });
  } catch (error) {
    if (!forPerson.signal.aborted || signal.aborted) throw error;
    return await client.get({ plan }, { signal });
  } finally {
    over.abort();
    await watching;
  }
}

/** What goes on by itself, sooner or later. */
const MOVING: ReadonlySet<string> = new Set(["running", "slot", "retry", "timer", "signal"]);

/** Whether an approval is asked for, or something else that is asked, and nothing else happens meanwhile. */
function isForPerson({ steps }: Look): boolean {
  const asks = ({ reason }: Look["steps"][number]): boolean =>
    reason.kind === "approval" || (reason.kind === "signal" && reason.name === QUESTION_SIGNAL);
  return steps.some(asks) && !steps.some((step) => !asks(step) && MOVING.has(step.reason.kind));
}
