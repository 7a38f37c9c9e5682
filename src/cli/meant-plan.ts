import type { Output, ReadingClient } from "#src/api/client.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { BEGIN_STEP, FINDING_PLANS } from "#src/implementation/plan-names.ts";

// Which plan `last` is for commands that decide about plans or report them. For those that look at any plan it is the newest of all.
//
// L1. A plan by which a command only found something out (`assess`, `plan-changes`, `backlog`) is not meant.
// L2. Where something is decided, plans that have ended give way to older ones that have not. That one of those does not ask now is no
//     reason to go on to an older one: what is asked a moment later must not be answered in another plan.

/** Any plan; one that can still be decided about; a plan of changes. */
type Meant = "any" | "open" | "changes";

interface MeantFor {
  readonly of: Meant;
  readonly flags: { readonly json?: boolean };
  readonly terminal: Terminal;
}

type Listed = Output<"list">["plans"][number];
type Looking = Pick<ReadingClient, "list" | "steps">;

/** A reference as operations take it; of `last` the plan's id, and it is said which one that is. */
export async function meantPlan(
  client: Looking,
  reference: string,
  { of, flags, terminal }: MeantFor,
): Promise<string> {
  if (reference !== "last") return reference;
  const found = (of === "any" ? undefined : await newest(client, of, true)) ?? (await newest(client, of, false));
  // The operation says that there is none.
  if (found === undefined) return reference;
  if (flags.json !== true) terminal.err(terminal.paint("dim", `last: ${found.name} ${found.plan}`, "err"));
  return found.plan;
}

/** The step of a plan of changes that waits for `implement`; undefined where it is no such plan. */
export async function beginOf(client: Pick<Looking, "steps">, plan: string) {
  const { steps } = await client.steps({ plan, inside: "none" });
  return steps.find(({ step, kind }) => step === BEGIN_STEP && kind === "signal");
}

/** In the name of every plan of changes. */
const CHANGES = "changes";

async function newest(client: Looking, of: Meant, isLive: boolean): Promise<Listed | undefined> {
  const which = { ...(isLive ? { live: true } : {}), ...(of === "changes" ? { text: CHANGES } : {}) };
  for (let cursor: string | undefined; ;) {
    const { plans, next } = await client.list({ ...which, ...(cursor === undefined ? {} : { cursor }) });
    for (const one of plans) if (await isMeant(client, of, one)) return one;
    if (next === undefined) return undefined;
    cursor = next;
  }
}

async function isMeant(client: Looking, of: Meant, { plan, name }: Listed): Promise<boolean> {
  if (of === "changes") return (await beginOf(client, plan)) !== undefined;
  const tool = FINDING_PLANS.get(name);
  if (tool === undefined) return true;
  const { steps } = await client.steps({ plan, inside: "none" });
  return !steps.some((step) => step.tool === tool);
}
