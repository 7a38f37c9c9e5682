// Records the golden histories that are missing: `node test/histories/record.ts`. One that is there is frozen, whatever
// the law would decide today; a changed scene is a new hazard or a new file, never another content of the old one.
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { encode } from "#events/catalog.ts";
import { eventIdOf, newBatchId, RANDOM_BYTES_PER_ID } from "#events/ids.ts";
import { planStream, SYSTEM_STREAM } from "#events/streams.ts";
import { Driver } from "../machines/driver.ts";
import { PLAN } from "../machines/plans.ts";
import type { History } from "./history.ts";
import { POISONED_PLAN, SCENES } from "./scenes.ts";

/** One history of each hazard, as today's law writes it. */
export function recordings(): readonly History[] {
  const ofPlans = Object.entries(SCENES).map(([hazard, scene]): History => {
    const driver = new Driver();
    const { claims, ignored } = scene(driver);
    return { hazard, stream: planStream(PLAN), claims, ignored, events: driver.events };
  });
  return [...ofPlans, poisonedPlan()];
}

function poisonedPlan(): History {
  const { facts, claims, ignored } = POISONED_PLAN;
  const events = facts.map((each, revision) => {
    const occurredAt = Date.UTC(2026, 0, 1) + revision * 1000;
    const batch = newBatchId(occurredAt, new Uint8Array(RANDOM_BYTES_PER_ID));
    const origin = { batch, occurredAt, tenant: "default", correlation: "system", actor: "system" };
    return { id: eventIdOf(batch, 0), stream: SYSTEM_STREAM, revision, position: revision, ...encode(each), origin };
  });
  return { hazard: "poisoned-plan", stream: SYSTEM_STREAM, claims, ignored, events };
}

if (import.meta.main) {
  for (const history of recordings()) {
    const file = fileURLToPath(new URL(`${history.hazard}.json`, import.meta.url));
    if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(history, null, 2)}\n`);
  }
}
