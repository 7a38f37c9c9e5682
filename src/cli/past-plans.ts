import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import type { Output, ReadingClient } from "#src/api/client.ts";
import { callGraph, type CallGraph } from "#src/templates/recurring/call-graph.ts";

/** As it was when the plan ended, or is now. Faults: `plan-unknown`, `plan-ambiguous`. */
export async function definitionOf(client: ReadingClient, plan: string): Promise<PlanDefinition> {
  const { definition } = await client.definition({ plan });
  return planDefinition.parse(definition);
}

const PAGE = 100;

/** What succeeded, the newest first, at most so many. */
export async function pastGraphs(client: ReadingClient, limit: number): Promise<readonly CallGraph[]> {
  const graphs: CallGraph[] = [];
  let cursor: string | undefined;
  do {
    const page: Output<"list"> = await client.list({
      limit: Math.min(PAGE, limit - graphs.length),
      status: ["succeeded"],
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { plan } of page.plans) graphs.push(callGraph(plan, await definitionOf(client, plan)));
    cursor = page.next;
  } while (cursor !== undefined && graphs.length < limit);
  return graphs;
}

/** Fault: `offer-unknown`. */
export function offerUnknown(id: string): Fault {
  return new Fault("offer-unknown", `no recurring sub-plan has the id ${JSON.stringify(id)}`);
}
