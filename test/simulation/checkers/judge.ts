import { isDeepStrictEqual } from "node:util";
import { canonicalJson } from "#events/canonical.ts";
import { decode, type FactData } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import type { PlanId } from "#events/ids.ts";
import { partitionOf, planOfStream } from "#events/streams.ts";
import type { Payload } from "#events/payload.ts";
import type { Json } from "#events/json.ts";
import { encodeState } from "#machines/snapshot.ts";
import type { PlanView } from "#machines/state.ts";
import type { AttemptKey, ExecutorMessage } from "#src/ports/bus.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { LaidOverViews, PLANS, TOOLS } from "#src/projecting/current-views.ts";
import { loadPlan } from "#src/runtime/load.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { eventsAt } from "#src/store/memory/contents.ts";
import { openMemory } from "#src/store/memory/open.ts";
import type { Cluster } from "#src/simulation/cluster.ts";
import { PlanStory } from "../story/plan-story.ts";
import type { Account } from "../tools/account.ts";
import type { World } from "#src/simulation/world.ts";
import { Approvals } from "./approvals.ts";
import { Attempts } from "./attempts.ts";
import { Blobs } from "./blobs.ts";
import { Cascades } from "./cascades.ts";
import { Violation, type Checker, type Told } from "./checker.ts";
import { Claims } from "./claims.ts";
import { ClientKeys } from "./client-keys.ts";
import { Epochs } from "./epochs.ts";
import { Fallbacks } from "./fallbacks.ts";
import { Precedence } from "./precedence.ts";
import { Reports } from "./reports.ts";
import { Revisions } from "./revisions.ts";
import { Rollbacks } from "./rollbacks.ts";
import { Signals } from "./signals.ts";
import { Slots } from "./slots.ts";
import { Windows } from "./windows.ts";

// Reads the log as it grows and puts every fact before every checker. What must hold of the log and the live runtime
// together is judged here:
//
// J1. No effect before its fact is durable, and no undo call is told to stop.
// J2. The live state is what folding the log anew gives.
// J3. Nothing is sent to executors by who does not own the plan at that moment.
// J4. Views that were saved, left behind and taken up again say what the log says.

export interface Evidence {
  readonly world: World;
  readonly cluster: Cluster;
  readonly account: Account;
  /** Of each executor. */
  readonly slots: number;
}

export class Judge {
  readonly stories = new Map<PlanId, PlanStory>();
  readonly approvals = new Approvals();
  readonly signals = new Signals();
  readonly keys = new ClientKeys();
  readonly blobs: Blobs;
  /** Told of every fact before it is judged. */
  onFact: (told: Told) => void = () => undefined;
  private readonly attempts = new Attempts();
  private readonly reports: Reports;
  private readonly slots: Slots;
  private readonly claims: Claims;
  private readonly checkers: readonly Checker[];
  private readonly evidence: Evidence;
  private read = 0;
  private judged: number;

  constructor(evidence: Evidence) {
    const { account, cluster, slots } = evidence;
    const { disk } = cluster;
    this.evidence = evidence;
    this.judged = account.executions.length;
    this.blobs = new Blobs(disk);
    this.reports = new Reports(account);
    this.slots = new Slots({ account, cluster, slots });
    this.claims = new Claims(account, cluster);
    this.checkers = [
      this.attempts,
      this.reports,
      this.slots,
      new Rollbacks(),
      new Cascades(),
      new Windows(),
      this.claims,
      new Epochs(),
      this.approvals,
      this.signals,
      this.keys,
      this.blobs,
      new Precedence(),
      new Fallbacks(),
      new Revisions((source) => this.valueOf(source)),
    ];
  }

  /** Reads what was appended since; call after everything that happens. */
  check(): void {
    const { account } = this.evidence;
    const { contents } = this.evidence.cluster;
    const fresh = contents.log.slice(this.read);
    this.read = contents.log.length;
    for (const event of eventsAt(fresh)) this.follow(event);
    for (const execution of account.executions.slice(this.judged)) {
      this.attempts.ran(execution, this.stories.get(execution.plan as PlanId));
      this.claims.ran(execution);
    }
    this.judged = account.executions.length;
    this.slots.watch(this.evidence.world.now());
  }

  /** J1, at the moment at which a command leaves its coordinator. */
  checkSent(message: ExecutorMessage): void {
    if (message.kind === "hello" || message.kind === "goodbye") return;
    this.check();
    if (message.kind === "acknowledged") {
      this.reports.acknowledged(message);
      return;
    }
    this.checkOwner(message.key);
    const { plan, step, attempt } = message.key;
    const known = this.stories.get(plan)?.steps.get(step);
    const what = `attempt ${attempt} of ${step} of ${plan.slice(-4)}`;
    if (message.kind === "cancel") this.checkStop(what, known?.inFlight);
    else if (known === undefined || known.attempts < attempt)
      this.fail("effects", `${what} was sent before its dispatch was durable`);
  }

  /** J3. */
  private checkOwner({ plan, epoch, step }: AttemptKey): void {
    const { cluster } = this.evidence;
    if (cluster.coordinators === 1) return;
    const owned = cluster.epochOf(partitionOf(plan));
    if (owned !== epoch)
      this.fail(
        "ownership",
        `${step} of ${plan.slice(-4)} was told something by epoch ${epoch}, its owner is ${owned ?? "nobody"}`,
      );
  }

  private checkStop(what: string, inFlight: FactData<"StepDispatched"> | undefined): void {
    if (inFlight?.undoes === undefined || !what.startsWith(`attempt ${inFlight.attempt} `)) return;
    this.fail("effects", `${what}, which takes ${inFlight.undoes} back, was told to stop`);
  }

  /** J2. */
  async checkState(plan: PlanId, encoded: string, revision: number): Promise<void> {
    const { contents, disk } = this.evidence.cluster;
    const { events } = openMemory({ clock: systemClock, contents });
    const payloads = new Payloads(disk.copy());
    const state = await loadPlan(plan, { events, payloads }, { toRevision: revision });
    if (fingerprint(state) !== encoded)
      this.fail("state", `the live state of ${plan} at ${revision} is not what the log says`);
  }

  /** J4, and what checkers have to say at last. */
  async checkEnd(): Promise<void> {
    for (const checker of this.checkers) checker.atEnd?.([...this.stories.values()]);
    const { contents } = this.evidence.cluster;
    const views = new LaidOverViews(openMemory({ clock: systemClock, contents }));
    for (const family of [PLANS, TOOLS]) {
      const [kept, anew] = await Promise.all([views.current(family), views.anew(family)]);
      const all = { limit: Infinity };
      if (!isDeepStrictEqual(await kept.list(all), await anew.list(all)))
        this.fail("views", `the view ${family[0].name} is not what the log says`);
    }
  }

  fail(subject: string, text: string): never {
    throw new Violation(`${subject}: ${text}`);
  }

  /** What is recorded of a plan last, for the message of a failing run. */
  last({ plan }: PlanStory): string {
    const events = eventsAt(this.evidence.cluster.contents.log).filter(({ stream }) => planOfStream(stream) === plan);
    return events
      .slice(-3)
      .map(({ type, data }) => `${type} ${JSON.stringify(data).slice(0, 200)}`)
      .join("; ");
  }

  private follow(event: RecordedEvent): void {
    const plan = planOfStream(event.stream);
    if (plan === undefined) return;
    const story = this.stories.get(plan) ?? new PlanStory(plan, (source) => this.valueOf(source));
    this.stories.set(plan, story);
    const told = { story, fact: decode(event), event, seenAt: this.evidence.world.now() };
    this.onFact(told);
    for (const checker of this.checkers) checker.before?.(told);
    story.take(told.fact);
    for (const checker of this.checkers) checker.after?.(told);
  }

  private valueOf(source: Payload): Json {
    if ("inline" in source) return source.inline;
    return "blob" in source ? (this.evidence.cluster.disk.value(source.blob) ?? null) : null;
  }
}

/** What `checkState` compares; taken at once, because the state goes on changing. */
export function fingerprint(state: PlanView): string {
  return canonicalJson(encodeState(state));
}
