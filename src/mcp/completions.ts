import { CompleteRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { HISTORY_TEMPLATE, PLAN_TEMPLATE } from "#src/mcp/resource-address.ts";
import type { McpSession } from "#src/mcp/session.ts";

/** Values that one answer has, as the protocol bounds it. */
const MAX_VALUES = 100;
/** Plans that are looked through, the newest. */
const MAX_PLANS = 1_000;

/** Completes the id of a plan in the address of a resource; nothing else has values to choose from. */
export function serveCompletions({ server, client, bounds, closed }: McpSession): void {
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }) => {
    const isOfPlan = ref.type === "ref/resource" && (ref.uri === PLAN_TEMPLATE || ref.uri === HISTORY_TEMPLATE);
    if (!isOfPlan || argument.name !== "plan") return { completion: { values: [] } };
    const { plans } = await bounds.call(() => client.list({ limit: MAX_PLANS }, { signal: closed }));
    const meant = plans.map(({ plan }) => plan).filter((plan) => plan.startsWith(argument.value));
    return {
      completion: { values: meant.slice(0, MAX_VALUES), total: meant.length, hasMore: meant.length > MAX_VALUES },
    };
  });
}
