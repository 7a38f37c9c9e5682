import type { Command } from "#events/commands.ts";
import { Fault } from "#events/fault.ts";
import type { CoordinatorId, ExecutorId, PlanId } from "#events/ids.ts";
import { inline } from "#events/payload.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { rejected } from "#machines/decide/decision.ts";
import { isEnded, type PlanView } from "#machines/state.ts";
import { partitionOf, PARTITIONS, planStream } from "#events/streams.ts";
import type { Report } from "#src/ports/bus.ts";
import type { Timer } from "#src/ports/clock.ts";
import type { RuntimeContext } from "#src/runtime/context.ts";
import { notOwner, stopping } from "#src/runtime/faults.ts";
import { IDLE_AFTER_MS, QUIET_MS, RECONCILE_EVERY_MS } from "#src/runtime/limits.ts";
import { SYSTEM, type Sender } from "#src/runtime/mailbox.ts";
import { Lenders } from "#src/runtime/lenders.ts";
import { PlanActor, type ActorOwner } from "#src/runtime/plan-actor.ts";
import type { Quarantine } from "#src/runtime/quarantine.ts";
import { reconcile } from "#src/runtime/reconcile.ts";
import type { SeenExecutor } from "#src/runtime/shortage.ts";
import { RestingPlans } from "#src/runtime/resting-plans.ts";
import { SlotQueue, type Wish } from "#src/runtime/slot-queue.ts";

// Owns plans: one actor each while there is something to do, slots shared among them in the order in which they asked,
// reports routed to their plans, silence turned into losses.
//
// O1. A plan that has ended, or that has nothing to do for IDLE_AFTER_MS, leaves memory; a timer brings the latter back. What
//     is due is due by the wall clock: where somebody sets it forward, it is noticed within RECONCILE_EVERY_MS.
// O2. A quarantined plan gets no actor; every other plan goes on.
// O3. A plan that nobody has said may go on here gets answers and no slots. O5. Late appends of earlier owners are looked for.
// O4. Only plans of partitions that this process owns have actors here. When the first is taken up, executors that were not heard
//     of yet are waited for as long as one may be silent; when one is given up, nothing of its plans is left.

export interface CoordinatorOptions {
  readonly context: RuntimeContext;
  readonly quarantine: Quarantine;
  /** An executor not heard of for so long is lost. */
  readonly executorLeaseMs: number;
  /** Every executor ends with the process that it is in, and this one is the only one: others are gone. Default: false. */
  readonly isAlone?: boolean;
  /** Whether steps of a plan may start here; by default those of all. */
  readonly mayStart?: (plan: PlanId) => boolean;
  /** Release of Planwright, for executors to compare. */
  readonly version?: string;
}

export class Coordinator implements ActorOwner, AsyncDisposable {
  private readonly options: CoordinatorOptions;
  private readonly context: RuntimeContext;
  private readonly actors = new Map<PlanId, PlanActor>();
  /** Actors of earlier ownerships that have something under way still. */
  private readonly leaving = new Map<PlanId, Promise<void>>();
  private readonly resting: RestingPlans;
  private readonly queue: SlotQueue;
  private readonly lenders: Lenders;
  /** Where the reports of a partition come in, by partition. */
  private readonly owned = new Map<number, Disposable>();
  private reconciling: Timer | undefined;
  private isClosed = false;
  /** Claims given back so far, as the queue has heard. */
  private releasesSeen = 0;

  constructor(options: CoordinatorOptions) {
    this.options = options;
    this.context = options.context;
    this.resting = new RestingPlans(this.context.clock, (plan) => this.resume(plan));
    this.queue = new SlotQueue(() => this.context.ledger.free);
    const { context, executorLeaseMs: leaseMs, version = "unnamed" } = options;
    this.lenders = new Lenders({
      ...{ context, leaseMs, version },
      wants: () => this.queue.wanted,
      onSlots: () => this.wakeWaiting(),
      onGone: (executor) => this.reconcile(executor),
    });
    this.reconcileLater();
  }

  /** Takes up a partition that this process owns from now on; its plans go on when somebody says `resume`. */
  own(partition: number): void {
    this.context.ledger.claims.giveUp(partition);
    if (this.isClosed || this.owned.has(partition)) return;
    if (this.owned.size === 0) this.lenders.listen();
    this.owned.set(
      partition,
      this.context.bus.onPartition(partition, (report) => this.report(report)),
    );
  }

  /** Everything, for who has the log for itself. */
  ownAll(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) this.own(partition);
  }

  /** Gives up a partition; resolves when nothing of its plans is under way here. */
  async disown(partition: number): Promise<void> {
    this.context.ledger.claims.giveUp(partition);
    this.owned.get(partition)?.[Symbol.dispose]();
    this.owned.delete(partition);
    this.resting.forgetPartition(partition);
    const actors = [...this.actors.values()].filter((actor) => actor.partition === partition);
    await Promise.all(actors.map((actor) => this.letGo(actor)));
    this.wakeWaiting();
  }

  /** Plans with an actor in memory. */
  get livePlans(): number {
    return this.actors.size;
  }

  get id(): CoordinatorId {
    return this.context.id;
  }

  /** Executors that are there, as they have said. */
  get executors(): readonly SeenExecutor[] {
    return this.context.ledger.seen;
  }

  /** Longest mailbox at this moment and ever, over the actors in memory. */
  mailboxPeak(): number {
    return Math.max(0, ...[...this.actors.values()].map((actor) => actor.mailbox.peak));
  }

  /** The answer to a command, after what it led to is durable. */
  send(plan: PlanId, command: Command, sender: Sender = SYSTEM): Promise<Decision> {
    if (this.isClosed) return Promise.reject(stopping());
    if (this.epochOf(plan) === undefined) return Promise.reject(notOwner(partitionOf(plan)));
    if (this.options.quarantine.has(plan))
      return Promise.resolve(rejected("plan-quarantined", `plan ${plan} is quarantined`));
    return new Promise((answer, fail) => {
      const posted = this.actor(plan)?.post({ command, sender, answer, fail });
      if (posted !== true)
        answer(rejected("mailbox-full", `plan ${plan} has too many commands waiting; try again later`));
    });
  }

  /** Takes a plan up where the log says it is, e.g. after a crash. */
  resume(plan: PlanId): void {
    if (this.isClosed || this.options.quarantine.has(plan)) return;
    // One that sleeps had nothing in flight when it left memory.
    const isCounted = this.resting.sleeps(plan) || this.actors.get(plan)?.isLoaded === true;
    const actor = this.actor(plan);
    if (!isCounted && actor !== undefined) this.context.ledger.claims.expect(plan);
    actor?.wake();
  }

  /** O5: plans that have not ended, as the log says. Those go on of which it says more than is known here. */
  async revisit(plans: readonly PlanId[]): Promise<void> {
    for (const plan of plans) {
      if (!this.actors.has(plan) && this.resting.revisionOf(plan) === undefined) this.resume(plan);
      else await this.compare(plan);
    }
  }

  private async compare(plan: PlanId): Promise<void> {
    const actor = this.actors.get(plan);
    const known = actor === undefined ? this.resting.revisionOf(plan) : actor.view?.revision;
    // Who does something, or is about to, finds out by its next append.
    if (known === undefined || (actor !== undefined && actor.idleMs() < QUIET_MS)) return;
    const revision = await this.context.events.revision(planStream(plan));
    if (revision <= known) return;
    this.context.log.warn("a plan's stream has moved on without its owner", { plan, known, revision });
    if (actor === undefined) this.resume(plan);
    else actor.catchUpTo(revision);
  }

  /** The durable state of a plan that is in memory and between two turns. */
  view(plan: PlanId): PlanView | undefined {
    return this.actors.get(plan)?.view;
  }

  wants(actor: PlanActor, wish: Wish): void {
    const { plan } = actor;
    // The last turn of one that was let go ends later: its place would be nobody's, and keep everybody behind it waiting.
    if (this.actors.get(plan) !== actor) return;
    this.queue.set(plan, this.mayStart(plan) ? wish : { priority: undefined });
    this.wakeWaiting();
    this.askForSlots();
  }

  share(plan: PlanId): number {
    return this.mayStart(plan) ? this.queue.share(plan) : 0;
  }

  /** Elsewhere an executor may only not have been heard of yet: it is waited for. */
  hasLost(plan: PlanId, executor: ExecutorId): boolean {
    return this.options.isAlone === true && this.mayStart(plan) && !this.context.ledger.knows(executor);
  }

  finished(actor: PlanActor): void {
    if (this.actors.get(actor.plan) !== actor) return;
    const { view } = actor;
    this.leave(actor);
    if (view !== undefined && !isEnded(view)) this.resting.rest(actor.plan, view.revision);
    void actor.close(new Fault("actor-gone", "the plan's actor left memory", { retryable: true }));
    this.wakeWaiting();
  }

  quarantine(actor: PlanActor, fault: Fault): void {
    this.leave(actor);
    this.context.ledger.forget(actor.plan);
    void actor.close(fault);
    void this.options.quarantine.add(actor.plan, fault);
    this.context.hooks.onQuarantined?.(actor.plan, fault.code, fault.message);
    this.wakeWaiting();
  }

  disowned(actor: PlanActor): void {
    void this.letGo(actor);
    this.wakeWaiting();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    this.lenders[Symbol.dispose]();
    for (const reports of this.owned.values()) reports[Symbol.dispose]();
    this.reconciling?.[Symbol.dispose]();
    this.resting[Symbol.dispose]();
    await Promise.all([...this.actors.values()].map((actor) => actor.close(stopping())));
  }

  private mayStart(plan: PlanId): boolean {
    return this.options.mayStart?.(plan) ?? true;
  }

  private epochOf(plan: PlanId): number | undefined {
    const partition = partitionOf(plan);
    return this.owned.has(partition) ? this.context.ownership.epochOf(partition) : undefined;
  }

  /** An actor of this ownership; undefined where the partition is not owned. */
  private actor(plan: PlanId): PlanActor | undefined {
    const epoch = this.epochOf(plan);
    if (epoch === undefined) return undefined;
    const known = this.actors.get(plan);
    if (known?.effects.epoch === epoch) return known;
    if (known !== undefined) this.disowned(known);
    this.resting.forget(plan);
    const actor = new PlanActor({ plan, epoch, after: this.leaving.get(plan) }, this.context, this);
    this.actors.set(plan, actor);
    return actor;
  }

  /** Another one owns its plan, or this process as another owner: resolves when nothing of it is under way. */
  private letGo(actor: PlanActor): Promise<void> {
    const { ledger } = this.context;
    const { plan } = actor;
    if (this.actors.get(plan) === actor) this.leave(actor);
    ledger.forgetUnsure(plan);
    const before = this.leaving.get(plan);
    const left = Promise.all([before, actor.close(notOwner(actor.partition))]).then(() => {
      // What its last turn has promised is promised until the turn has ended. The next actor has counted nothing yet.
      ledger.forget(plan);
      ledger.claims.forget(plan);
      if (this.leaving.get(plan) === left) this.leaving.delete(plan);
    });
    this.leaving.set(plan, left);
    return left;
  }

  /** Nothing of the plan is in memory any more, and it waits for nothing. */
  private leave({ plan }: PlanActor): void {
    this.actors.delete(plan);
    this.context.ledger.claims.wants(plan, []);
    this.context.ledger.claims.counted(plan);
    this.queue.set(plan, { priority: undefined });
  }

  private report({ executor, key, outcome, durationMs, saidKind = outcome.kind }: Report): void {
    const { step, attempt } = key;
    // Not acknowledged: the executor keeps it until the plan is released, or its owner hears of it.
    if (this.isClosed || this.options.quarantine.has(key.plan) || this.epochOf(key.plan) === undefined) return;
    const recorded = outcome.kind === "succeeded" ? { kind: outcome.kind, output: inline(outcome.output) } : outcome;
    const command: Command = { type: "ReportAttempt", step, attempt, executor, outcome: recorded, durationMs };
    const acknowledge = (): void => {
      this.context.bus.toExecutor(executor, { kind: "acknowledged", key, outcome: saidKind });
      this.wakeWaiting();
    };
    // Without an answer nothing is acknowledged, and the executor reports again.
    void this.send(key.plan, command).then(
      (decision) => (decision.kind !== "rejected" || decision.code !== "mailbox-full" ? acknowledge() : undefined),
      (error: unknown) => this.context.log.debug("a report got no answer", { plan: key.plan, step, attempt, error }),
    );
  }

  /** Whoever waits looks whether there is something now. */
  wakeWaiting(): void {
    const { releases } = this.context.ledger.claims;
    const isReleased = releases !== this.releasesSeen;
    this.releasesSeen = releases;
    if (isReleased) this.queue.release();
    for (const plan of this.queue.next()) this.actors.get(plan)?.wake();
    if (isReleased) this.askForSlots();
  }

  /** Once when more is wanted: an executor answers each greeting with an offer. */
  private askForSlots(): void {
    if (this.queue.wanted > 0 && this.context.ledger.free === 0) this.lenders.greetSoon();
  }

  private reconcileLater(): void {
    const { clock } = this.context;
    const dueAt = clock.monotonic() + RECONCILE_EVERY_MS;
    this.reconciling = clock.after(
      RECONCILE_EVERY_MS,
      () => {
        // A process that stood still (a tool that computes, a stop signal) has heard nobody: the silence was its own.
        const stoodStillMs = Math.max(0, clock.monotonic() - dueAt);
        this.lenders.greetAll(stoodStillMs);
        this.reconcile();
        this.wakeOverdue();
        this.putIdleToSleep();
        if (!this.isClosed) this.reconcileLater();
      },
      { background: true },
    );
  }

  /** `gone`: an executor that has said so. */
  private reconcile(gone?: ExecutorId): void {
    const { clock } = this.context;
    const isGone = (executor: ExecutorId): boolean => executor === gone || this.lenders.isLost(executor);
    reconcile([...this.actors.values()], { clock, isGone });
  }

  private wakeOverdue(): void {
    for (const actor of this.actors.values()) if (actor.isOverdue) actor.wake();
    for (const plan of this.resting.overdue()) this.resume(plan);
  }

  private putIdleToSleep(): void {
    const { clock } = this.context;
    for (const actor of [...this.actors.values()]) {
      if (actor.idleMs() < IDLE_AFTER_MS || this.queue.has(actor.plan) || actor.isOverdue) continue;
      const dueAt = actor.dueAt();
      if (dueAt !== undefined && dueAt - clock.now() < IDLE_AFTER_MS) continue;
      this.finished(actor);
      if (dueAt !== undefined) this.resting.sleep(actor.plan, dueAt);
    }
  }
}
