import type { Fact } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { planId, type PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import { planStream } from "#events/streams.ts";
import type { PlanView } from "#machines/state.ts";
import type { Part } from "#machines/undoing.ts";
import type { KnownAnswer } from "#projections/answers-view.ts";
import type { ClassHistory } from "#projections/reference-class.ts";
import { selectRollback, type RollbackPreview } from "#projections/rollback-preview.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import type { ViewReader } from "#src/ports/view-store.ts";
import type { ToolReport } from "#projections/tool-statistics.ts";
import { LaidOverViews, type CurrentViews } from "#src/projecting/current-views.ts";
import { finishedChanges } from "#src/projecting/finished-changes.ts";
import { knownAnswers } from "#src/projecting/known-answers.ts";
import { listPlans, type ListedPlan, type PlanPage, type PlanQuery } from "#src/projecting/plan-list.ts";
import { listRequests, type AnsweredRequest, type RequestQuery } from "#src/projecting/request-list.ts";
import { reportTools } from "#src/projecting/tool-reports.ts";
import { loadPlan } from "#src/runtime/load.ts";
import { Payloads } from "#src/runtime/payloads.ts";

// Every reading operation, over any store that can be read: the holder's own, or the file beside another holder. It
// folds what it shows, so a plan that cannot be folded is refused by name rather than shown in part.
// Nothing here writes, so it needs no lock and may be asked while a plan runs.

export interface ReadableStore {
  readonly events: Pick<EventStore, "read" | "readAll" | "head" | "revision">;
  readonly views: ViewReader;
  readonly blobs: BlobStore;
  readonly snapshots?: Pick<SnapshotStore, "load">;
}

export interface HistoryEntry {
  readonly event: RecordedEvent;
  readonly fact: Fact;
}

export class PlanReader {
  private readonly store: ReadableStore;
  private readonly views: CurrentViews;
  private readonly payloads: Payloads;

  /** `views`: those that this process keeps, if it does. */
  constructor(store: ReadableStore, views: CurrentViews = new LaidOverViews(store)) {
    this.store = store;
    this.views = views;
    this.payloads = new Payloads(store.blobs);
  }

  /** The newest plans first. */
  async list(query: PlanQuery): Promise<readonly ListedPlan[]> {
    return (await this.page(query)).plans;
  }

  /** The newest plans first, and where the next page begins. Fault: `cursor-malformed`. */
  page(query: PlanQuery): Promise<PlanPage> {
    return listPlans(this.views, query);
  }

  /** Requests in words, the last one first. Fault: `store-unavailable`. */
  requests(query: RequestQuery): Promise<readonly AnsweredRequest[]> {
    return listRequests(this.views, query);
  }

  /** What calls of those tools gave last, a bounded number of them. Fault: `store-unavailable`. */
  answers(isGivenOut: (tool: string) => boolean): Promise<readonly KnownAnswer[]> {
    return knownAnswers(this.views, isGivenOut);
  }

  /** How tools have done so far: outcomes and latencies, one report a version. */
  toolReports(): Promise<readonly ToolReport[]> {
    return reportTools(this.views);
  }

  /** How long finished changes took, by their class. Fault: `store-unavailable`. */
  finishedChanges(): Promise<readonly ClassHistory[]> {
    return finishedChanges(this.views);
  }

  /** The plan's state, at its end or at a revision. Faults: `plan-unknown`, `plan-unreadable`. */
  async state(plan: PlanId, toRevision?: number): Promise<PlanView> {
    const state = await loadPlan(plan, this.loadDeps(), toRevision === undefined ? {} : { toRevision });
    if (state.revision < 0) throw unknownPlan(plan);
    return state;
  }

  /** Every event with its fact, folded on the way, so that a history that is shown is one that holds. */
  async history(plan: PlanId): Promise<readonly HistoryEntry[]> {
    const entries: HistoryEntry[] = [];
    await loadPlan(plan, this.loadDeps(), { onFact: (fact, event) => entries.push({ fact, event }) });
    if (entries.length === 0) throw unknownPlan(plan);
    return entries;
  }

  /** What a rollback of the plan, or of a part, would take back now. Faults: `plan-unknown`, `blob-missing`, `preview-too-large`. */
  async rollbackPreview(plan: PlanId, part: Part = {}): Promise<RollbackPreview> {
    const state = await this.state(plan);
    const asked = new Set<string>();
    for (;;) {
      const previewed = selectRollback(state, part, this.payloads.blobs);
      if (previewed.kind === "preview") return previewed.preview;
      const fresh = previewed.refs.filter((ref) => !asked.has(ref));
      if (fresh.length === 0) throw previewTooLarge(plan);
      for (const ref of fresh) asked.add(ref);
      await this.payloads.load(previewed.refs);
    }
  }

  /** Events as they are stored, also of a plan that cannot be folded. */
  events(plan: PlanId): AsyncIterable<RecordedEvent> {
    return this.store.events.read(planStream(plan));
  }

  /** A payload's value, from its blob where it is one. */
  value(source: Payload): Promise<Json> {
    return this.payloads.value(source);
  }

  /** A payload's value by its reference: the SHA-256 of a blob, or `list:` and that of a list's parts. */
  async valueOf(ref: string): Promise<Json> {
    await this.payloads.load([ref]);
    return this.payloads.blobs.get(ref) ?? null;
  }

  /** A plan by its id, by the beginning or end of it where that is unambiguous, or `last` for the newest. */
  async find(reference: string): Promise<PlanId> {
    const whole = planId.safeParse(reference.toLowerCase());
    if (whole.success) return whole.data;
    const plans = await this.list({ limit: Infinity });
    const matches = reference === "last" ? plans.slice(0, 1) : plans.filter(({ plan }) => isMeant(plan, reference));
    const [match, ...others] = matches;
    if (match === undefined) throw unknownPlan(reference);
    if (others.length === 0) return match.plan;
    throw new Fault("plan-ambiguous", `${reference} may mean ${matches.length} plans; write more of the id`, {
      details: { candidates: matches.slice(0, 10).map(({ plan }) => plan) },
    });
  }

  private loadDeps() {
    const { events, snapshots } = this.store;
    return { events, payloads: this.payloads, ...(snapshots === undefined ? {} : { snapshots }) };
  }
}

/** Ids of one day begin alike, so their ends tell them apart as well. */
const MIN_REFERENCE_CHARS = 4;

function isMeant(plan: PlanId, reference: string): boolean {
  const text = reference.toLowerCase();
  return text.length >= MIN_REFERENCE_CHARS && (plan.startsWith(text) || plan.endsWith(text));
}

function previewTooLarge(plan: PlanId): Fault {
  return new Fault(
    "preview-too-large",
    `what a rollback of ${plan} reads is too much at once; ask for a part of the plan`,
  );
}

function unknownPlan(reference: string): Fault {
  return new Fault("plan-unknown", `there is no plan ${reference}`);
}
