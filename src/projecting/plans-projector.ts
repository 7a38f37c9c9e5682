import { decode, type Fact } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import type { PlanId } from "#events/ids.ts";
import { planOfStream } from "#events/streams.ts";
import type { Json } from "#events/json.ts";
import { evolvePlanRow, PLANS_VIEW, tagOf, type PlanRow, type PlanTag } from "#projections/plans-view.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { ViewReader, ViewStore } from "#src/ports/view-store.ts";

// Keeps the view `plans` up to the log's head.
//
// J1. Documents and checkpoint are saved together (V1), so a crash repeats work and changes nothing.
// J2. A reader that may not write lays what the checkpoint does not cover yet over the saved rows, in memory.

/** Rows changed before they are saved. */
const SAVE_EVERY_ROWS = 2_000;

export interface ListedPlan extends PlanRow {
  readonly plan: PlanId;
}

export interface PlansSource {
  readonly events: Pick<EventStore, "readAll" | "head">;
  readonly views: ViewReader;
}

/** Only facts about plans change a row; a store finds them without reading the rest. */
const PLAN_FACTS = { typePrefix: "Plan" };

/** Reads the log from the checkpoint on and saves the rows that it changed. */
export async function catchUpPlans(source: PlansSource & { readonly views: ViewStore }): Promise<void> {
  const from = (await source.views.checkpoint(PLANS_VIEW)) + 1;
  const head = await source.events.head();
  if (from > head) return;
  let overlay = new Overlay(source);
  for await (const event of source.events.readAll({ from, ...PLAN_FACTS })) {
    // What comes after the head of then is the next catch-up's; the checkpoint must not run ahead of what was read.
    if (event.position > head) break;
    await overlay.apply(event);
    if (overlay.rows.size < SAVE_EVERY_ROWS) continue;
    await source.views.save(PLANS_VIEW, overlay.changes(), event.position);
    overlay = new Overlay(source);
  }
  await source.views.save(PLANS_VIEW, overlay.changes(), head);
}

export interface ListOptions {
  readonly tag?: PlanTag;
  readonly limit: number;
}

/** The newest plans first; ids are made from time. */
export async function listPlans(source: PlansSource, options: ListOptions): Promise<ListedPlan[]> {
  const overlay = new Overlay(source);
  const from = (await source.views.checkpoint(PLANS_VIEW)) + 1;
  for await (const event of source.events.readAll({ from, ...PLAN_FACTS })) {
    await overlay.apply(event);
  }
  const rows = new Map<string, PlanRow>();
  for await (const [key, row] of savedRows(source.views, options.tag)) rows.set(key, row);
  for (const [key, row] of overlay.rows) rows.set(key, row);
  return [...rows]
    .map(([plan, row]) => ({ plan: plan as PlanId, ...row }))
    .filter((row) => options.tag === undefined || tagOf(row) === options.tag)
    .sort((a, b) => (a.plan < b.plan ? 1 : -1))
    .slice(0, options.limit);
}

const PAGE = 1_000;

async function* savedRows(views: ViewReader, tag: PlanTag | undefined): AsyncIterable<[string, PlanRow]> {
  let after: string | undefined;
  for (;;) {
    const selected = { ...(tag === undefined ? {} : { tag }), ...(after === undefined ? {} : { after }) };
    const page = await views.list(PLANS_VIEW, { limit: PAGE, ...selected });
    for (const { key, document } of page) yield [key, document as unknown as PlanRow];
    after = page.at(-1)?.key;
    if (page.length < PAGE) return;
  }
}

/** Rows changed since the checkpoint. */
class Overlay {
  readonly rows = new Map<string, PlanRow>();
  private readonly source: PlansSource;

  constructor(source: PlansSource) {
    this.source = source;
  }

  async apply(event: RecordedEvent): Promise<void> {
    const plan = planOfStream(event.stream);
    if (plan === undefined) return;
    const before = this.rows.get(plan) ?? ((await this.source.views.get(PLANS_VIEW, plan)) as PlanRow | undefined);
    const known = understood(event);
    if (known === undefined) return;
    const after = evolvePlanRow(before, known, event.origin.occurredAt);
    if (after !== undefined && after !== before) this.rows.set(plan, after);
  }

  changes(): { key: string; tag: string; document: Json }[] {
    return [...this.rows].map(([key, row]) => ({ key, tag: tagOf(row), document: { ...row } }));
  }
}

/** Undefined for an event that this version cannot decode: whoever runs its plan says so, and the plan stays listed. */
function understood(event: RecordedEvent): Fact | undefined {
  try {
    return decode(event);
  } catch {
    return undefined;
  }
}
