import type { Reference } from "#src/planning/conversation/session.ts";
import { earlierExpression, valueAt } from "#src/planning/request/earlier-results.ts";
import { stepsBefore } from "#src/planning/request/asking.ts";
import { checkedRest } from "#src/planning/request/plan-rest.ts";
import type { Asked, Planned, PlanningGrounds } from "#src/planning/request/planned.ts";

// "The second one": the answer is an item of an earlier result, and no tool is called for it.

const STEP = "item";

export function earlierItem(item: Reference, asked: Asked, grounds: PlanningGrounds): Planned {
  const expression = earlierExpression(item, asked.earlier);
  if (expression === undefined || valueAt(item, asked.earlier) === undefined) return gone(item);
  const rest = {
    steps: { [STEP]: { description: "what an earlier request gave", value: `\${${expression}}` } },
    outputs: { [STEP]: `\${steps.${STEP}.output}` },
  };
  const checked = checkedRest(rest, { ...grounds, done: stepsBefore(asked.number) });
  return checked.ok ? { kind: "item", rest: checked.rest, item } : gone(item);
}

function gone({ plan }: Reference): Planned {
  const message = `that result is not kept with the conversation; look at it: planwright show ${plan}`;
  return { kind: "refusal", category: "not-found", code: "result-gone", message, details: { plan } };
}
