import { contentHash } from "#events/canonical.ts";
import { decode, type FactData } from "#events/catalog.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import { planId, uuidV8, type PlanId } from "#events/ids.ts";
import { isJsonObject, json, type Json, type JsonObject } from "#events/json.ts";
import { planStream } from "#events/streams.ts";
import type { PlanReader } from "#src/api/plan-reader.ts";
import type { EventReader } from "#src/ports/event-store.ts";

// Start or attach: the id of a plan with a client key follows from the key, so a second start finds the first one, also
// after a crash and when two clients start at once: only one of them can append to a stream that does not exist.
//
// K1. What counts is how the plan began, from its first facts: a plan that was revised since is the same plan.

const TENANT = "default";

export function planOfKey(key: string): PlanId {
  return planId.parse(uuidV8(TENANT, key));
}

interface Beginning {
  readonly definitionHash: string;
  readonly inputs: Json;
}

interface Source {
  readonly events: Pick<EventReader, "read">;
  readonly plans: Pick<PlanReader, "value">;
}

/** How a plan began; undefined where there is none. */
export async function beginningOf(plan: PlanId, { events, plans }: Source): Promise<Beginning | undefined> {
  let drafted: FactData<"PlanDrafted"> | undefined;
  for await (const event of events.read(planStream(plan), { limit: 2 })) {
    const { type, data } = decode(event);
    if (type === "PlanDrafted") drafted = data;
    if (type === "PlanStarted" && drafted !== undefined) {
      return { definitionHash: drafted.definitionHash, inputs: await plans.value(data.inputs) };
    }
  }
  return undefined;
}

interface KeyedStart {
  readonly key: string;
  readonly definition: PlanDefinition;
  readonly inputs: JsonObject;
}

/** Fault: `client-key-conflict`, which names what differs. */
export function assertSame(beginning: Beginning, { key, definition, inputs }: KeyedStart): void {
  const differing = [
    ...(beginning.definitionHash === contentHash(json.parse(definition)) ? [] : ["the plan"]),
    ...differingInputs(beginning.inputs, inputs).map((name) => `input ${name}`),
  ];
  if (differing.length === 0) return;
  const plan = planOfKey(key);
  throw new Fault(
    "client-key-conflict",
    `the key ${JSON.stringify(key)} belongs to plan ${plan}, which began with something else: ${differing.join(", ")}`,
    { details: { plan, differing } },
  );
}

function differingInputs(before: Json, after: JsonObject): readonly string[] {
  const began = isJsonObject(before) ? before : {};
  const names = [...new Set([...Object.keys(began), ...Object.keys(after)])].sort();
  return names.filter((name) => hashOf(began[name]) !== hashOf(after[name]));
}

function hashOf(value: Json | undefined): string {
  return value === undefined ? "" : contentHash(value);
}
