import type { Json, JsonObject } from "#events/json.ts";
import { contentHash } from "#events/canonical.ts";
import type { CallGraph } from "#src/templates/recurring/call-graph.ts";
import { partBody } from "#src/templates/recurring/part-body.ts";
import { recurringParts, type RecurringPart } from "#src/templates/recurring/search.ts";

// What recurs in plans of the past, as templates that a person can take over: what was the same every time stays, what differed is a
// parameter.

interface OfferedTemplate {
  /** Stands for the part, whichever plans it was found in. */
  readonly id: string;
  /** Different plans that have it, in the order that they were given in. */
  readonly plans: readonly string[];
  readonly tools: readonly string[];
  /** A template file. */
  readonly template: JsonObject;
}

export interface Offered {
  /** What most plans have first, then the largest. */
  readonly templates: readonly OfferedTemplate[];
  /** Different plans that were looked at. */
  readonly plans: number;
  /** False where the search ended at its bound: there may be more. */
  readonly isComplete: boolean;
}

const MAX_OFFERED = 50;

export function offeredTemplates(graphs: readonly CallGraph[]): Offered {
  const digests = graphs.map(({ digest }) => digest);
  const distinct = graphs
    .filter(({ digest }, at) => digests.indexOf(digest) === at)
    .map((graph, rank) => ({ ...graph, rank }));
  const { parts, isComplete } = recurringParts(distinct);
  const templates = parts.map(offered).sort(byWorth).slice(0, MAX_OFFERED);
  return { templates, plans: distinct.length, isComplete };
}

const ID_DIGITS = 10;
const MAX_NAME_CHARS = 60;

function offered({ form, places }: RecurringPart): OfferedTemplate {
  const plans = [...new Set(places.map(({ graph }) => graph.plan))];
  const { parameters, steps, outputs, tools } = partBody(places);
  const name = Object.keys(steps).join("_").slice(0, MAX_NAME_CHARS);
  const description = `${tools.join(", ")}: found in ${plans.length} plans`;
  const template: Record<string, Json> = {
    ...{ template: name, version: "0.0.0", description },
    for: { requests: [], actions: [] },
    parameters,
    plan: { steps, outputs },
  };
  return { id: `sub-${contentHash(form).slice(0, ID_DIGITS)}`, plans, tools, template };
}

function byWorth(one: OfferedTemplate, other: OfferedTemplate): number {
  const more = other.plans.length - one.plans.length || other.tools.length - one.tools.length;
  return more !== 0 ? more : one.id < other.id ? -1 : 1;
}
