import { isDeepStrictEqual } from "node:util";
import type { RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { examine } from "#src/api/examination.ts";
import { openReader, type PlanwrightReader } from "#src/compose.ts";
import { hasStore, type StoreOptions } from "#src/open-store.ts";
import { LaidOverViews, PLANS, TOOLS } from "#src/projecting/current-views.ts";
import { Breach } from "../breach.ts";
import type { Witness } from "../witness.ts";

// The store as it lies on the disk, read beside whoever holds it or where nobody does.
//
// S1. Every checksum is right, and positions have no gap (what `planwright doctor` looks at first).
// S2. Every event is understood, every payload that it names is there, and nothing is quarantined (what it looks at next).
// S3. What was seen and answered is there (the witness).
// S4. Views that were saved, left behind and taken up again say what the log says.

/** `isThorough`: S2, which reads every payload. Gives the log. Throws a Breach. */
export async function checkStore(
  where: Where,
  witness: Witness,
  { isThorough }: { readonly isThorough: boolean },
): Promise<readonly RecordedEvent[]> {
  await using reader = await opened(typeof where === "string" ? { store: where } : where);
  if (reader === undefined) {
    witness.check([]);
    return [];
  }
  const { damages } = await reader.verify();
  if (damages.length > 0) throw new Breach("log", damages.map(({ message }) => message).join("; "));
  const log = await Array.fromAsync(reader.events.readAll());
  witness.check(log);
  await checkViews(reader);
  if (isThorough) await checkExamination(reader);
  return log;
}

/** A folder, or what is opened. */
type Where = string | StoreOptions;

/** Undefined where the first process was killed before it had made the store. */
async function opened(store: StoreOptions): Promise<PlanwrightReader | undefined> {
  try {
    return hasStore(store) ? await openReader(store) : undefined;
  } catch (error) {
    if (Fault.is(error, "store-missing")) return undefined;
    throw Fault.is(error, "store-damaged") ? new Breach("log", (error as Error).message) : error;
  }
}

async function checkExamination({ events, blobs }: PlanwrightReader): Promise<void> {
  const { problems, quarantined } = await examine({ events, blobs });
  const [problem] = problems;
  if (problem !== undefined) throw new Breach("examination", `${problem.code}: ${problem.message} (${problem.stream})`);
  const [plan] = quarantined;
  if (plan !== undefined) throw new Breach("quarantine", `${plan.plan}: ${plan.message}`);
}

async function checkViews({ events, views }: PlanwrightReader): Promise<void> {
  const head = await events.head();
  const still = { head: async () => head, readAll: events.readAll.bind(events) };
  const laid = new LaidOverViews({ events: still, views });
  for (const family of [PLANS, TOOLS]) {
    const [kept, anew] = [await laid.current(family), await laid.anew(family)];
    if (kept.position !== anew.position) continue;
    const all = { limit: Infinity };
    if (!isDeepStrictEqual(await kept.list(all), await anew.list(all)))
      throw new Breach("views", `the view ${family[0].name} is not what the log says`);
  }
}
