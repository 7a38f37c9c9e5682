import type { Command } from "#events/commands.ts";
import { Fault } from "#events/fault.ts";
import type { ExecutorId, PlanId } from "#events/ids.ts";
import { inline } from "#events/payload.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { rejected } from "#machines/decide/decision.ts";
import type { PlanView } from "#machines/state.ts";
import type { CoordinatorMessage } from "#src/ports/bus.ts";
import type { Timer } from "#src/ports/clock.ts";
import type { RuntimeContext } from "#src/runtime/context.ts";
import { stopping } from "#src/runtime/faults.ts";
import { IDLE_AFTER_MS, RECONCILE_EVERY_MS } from "#src/runtime/limits.ts";
import { SYSTEM, type Sender } from "#src/runtime/mailbox.ts";
import { PlanActor, type ActorOwner } from "#src/runtime/plan-actor.ts";
import type { Quarantine } from "#src/runtime/quarantine.ts";
import { reconcile } from "#src/runtime/reconcile.ts";
import { attemptName } from "#src/runtime/slot-ledger.ts";
import { SlotQueue, type Wish } from "#src/runtime/slot-queue.ts";

// Owns plans: one actor each while there is something to do, slots shared among them in the order in which they asked,
// reports routed to their plans, silence turned into losses.
//
// O1. A plan that has ended, or that has nothing to do for IDLE_AFTER_MS, leaves memory; a timer brings the latter back. What
//     is due is due by the wall clock: where somebody sets it forward, it is noticed within RECONCILE_EVERY_MS.
// O2. A quarantined plan gets no actor; every other plan goes on.
// O3. A plan that nobody has said may go on here gets answers and no slots.

export interface CoordinatorOptions {
  readonly context: RuntimeContext;
  readonly quarantine: Quarantine;
  /** An executor not heard of for so long is lost. */
  readonly executorLeaseMs: number;
  /** Every executor ends with the process that it is in, and this one is the only one: others are gone. Default: false. */
  readonly isAlone?: boolean;
  /** Whether steps of a plan may start here; by default those of all. */
  readonly mayStart?: (plan: PlanId) => boolean;
}

/** A plan that left memory until something of it is due. */
interface Sleeper {
  readonly timer: Timer;
  /** By the wall clock. */
  readonly dueAt: number;
}

export class Coordinator implements ActorOwner, AsyncDisposable {
  private readonly options: CoordinatorOptions;
  private readonly context: RuntimeContext;
  private readonly actors = new Map<PlanId, PlanActor>();
  private readonly sleepers = new Map<PlanId, Sleeper>();
  private readonly queue: SlotQueue;
  private readonly subscription: Disposable;
  private reconciling: Timer | undefined;
  private isClosed = false;
  /** Claims given back so far, as the queue has heard. */
  private releasesSeen = 0;

  constructor(options: CoordinatorOptions) {
    this.options = options;
    this.context = options.context;
    this.queue = new SlotQueue(() => this.context.ledger.free);
    this.subscription = this.context.bus.onCoordinator((message) => this.receive(message));
    this.context.bus.toExecutors({ kind: "hello", epoch: this.context.epoch });
    this.reconcileLater();
  }

  /** Plans with an actor in memory. */
  get livePlans(): number {
    return this.actors.size;
  }

  /** Longest mailbox at this moment and ever, over the actors in memory. */
  mailboxPeak(): number {
    return Math.max(0, ...[...this.actors.values()].map((actor) => actor.mailbox.peak));
  }

  /** The answer to a command, after what it led to is durable. */
  send(plan: PlanId, command: Command, sender: Sender = SYSTEM): Promise<Decision> {
    if (this.isClosed) return Promise.reject(stopping());
    if (this.options.quarantine.has(plan))
      return Promise.resolve(rejected("plan-quarantined", `plan ${plan} is quarantined`));
    return new Promise((answer, fail) => {
      const posted = this.actor(plan).post({ command, sender, answer, fail });
      if (!posted) answer(rejected("mailbox-full", `plan ${plan} has too many commands waiting; try again later`));
    });
  }

  /** Takes a plan up where the log says it is, e.g. after a crash. */
  resume(plan: PlanId): void {
    if (this.isClosed || this.options.quarantine.has(plan)) return;
    // One that sleeps had nothing in flight when it left memory.
    const isCounted = this.sleepers.has(plan) || this.actors.get(plan)?.isLoaded === true;
    if (!isCounted) this.context.ledger.claims.expect(plan);
    this.actor(plan).wake();
  }

  /** The durable state of a plan that is in memory and between two turns. */
  view(plan: PlanId): PlanView | undefined {
    return this.actors.get(plan)?.view;
  }

  wants(plan: PlanId, wish: Wish): void {
    this.queue.set(plan, this.mayStart(plan) ? wish : { priority: undefined });
    this.wakeWaiting();
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
    this.actors.delete(actor.plan);
    this.context.ledger.claims.counted(actor.plan);
    this.queue.set(actor.plan, { priority: undefined });
    void actor.close(new Fault("actor-gone", "the plan's actor left memory", { retryable: true }));
    this.wakeWaiting();
  }

  quarantine(actor: PlanActor, fault: Fault): void {
    this.actors.delete(actor.plan);
    this.context.ledger.claims.counted(actor.plan);
    this.queue.set(actor.plan, { priority: undefined });
    void actor.close(fault);
    void this.options.quarantine.add(actor.plan, fault);
    this.context.hooks.onQuarantined?.(actor.plan, fault.code, fault.message);
    this.wakeWaiting();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    this.subscription[Symbol.dispose]();
    this.reconciling?.[Symbol.dispose]();
    for (const { timer } of this.sleepers.values()) timer[Symbol.dispose]();
    await Promise.all([...this.actors.values()].map((actor) => actor.close(stopping())));
  }

  private mayStart(plan: PlanId): boolean {
    return this.options.mayStart?.(plan) ?? true;
  }

  private actor(plan: PlanId): PlanActor {
    const known = this.actors.get(plan);
    if (known !== undefined) return known;
    this.sleepers.get(plan)?.timer[Symbol.dispose]();
    this.sleepers.delete(plan);
    const actor = new PlanActor(plan, this.context, this);
    this.actors.set(plan, actor);
    return actor;
  }

  private receive(message: CoordinatorMessage): void {
    if (this.isClosed) return;
    const { ledger, clock } = this.context;
    if (message.kind === "offer") {
      const { executor, slots } = message;
      const holding = message.holding.map(({ plan, step, attempt }) => attemptName(plan, step, attempt));
      ledger.offer(executor, { slots, holding }, clock.monotonic());
      this.wakeWaiting();
      return;
    }
    this.report(message);
  }

  private report({ executor, key, outcome, durationMs }: Extract<CoordinatorMessage, { kind: "report" }>): void {
    const { step, attempt } = key;
    if (this.options.quarantine.has(key.plan)) {
      // Not acknowledged: the executor keeps it until the plan is released.
      this.context.ledger.giveBack(executor, attemptName(key.plan, step, attempt));
      this.wakeWaiting();
      return;
    }
    const recorded = outcome.kind === "succeeded" ? { kind: outcome.kind, output: inline(outcome.output) } : outcome;
    const command: Command = { type: "ReportAttempt", step, attempt, executor, outcome: recorded, durationMs };
    const acknowledge = (): void => {
      this.context.bus.toExecutor(executor, { kind: "acknowledged", key, outcome: outcome.kind });
      this.wakeWaiting();
    };
    // Without an answer nothing is acknowledged, and the executor reports again.
    void this.send(key.plan, command).then(
      (decision) => (decision.kind !== "rejected" || decision.code !== "mailbox-full" ? acknowledge() : undefined),
      (error: unknown) => this.context.log.debug("a report got no answer", { plan: key.plan, step, attempt, error }),
    );
  }

  private wakeWaiting(): void {
    const { releases } = this.context.ledger.claims;
    if (releases !== this.releasesSeen) this.queue.release();
    this.releasesSeen = releases;
    for (const plan of this.queue.next()) this.actors.get(plan)?.wake();
  }

  private reconcileLater(): void {
    const { clock, bus, epoch } = this.context;
    const dueAt = clock.monotonic() + RECONCILE_EVERY_MS;
    this.reconciling = clock.after(
      RECONCILE_EVERY_MS,
      () => {
        bus.toExecutors({ kind: "hello", epoch });
        // A process that stood still (a tool that computes, a stop signal) has heard nobody: the silence was its own.
        const stoodStillMs = Math.max(0, clock.monotonic() - dueAt);
        const executorLeaseMs = this.options.executorLeaseMs + stoodStillMs;
        reconcile([...this.actors.values()], { context: this.context, executorLeaseMs });
        this.wakeOverdue();
        this.putIdleToSleep();
        if (!this.isClosed) this.reconcileLater();
      },
      { background: true },
    );
  }

  private wakeOverdue(): void {
    const now = this.context.clock.now();
    for (const actor of this.actors.values()) if (actor.isOverdue) actor.wake();
    for (const [plan, { dueAt }] of this.sleepers) if (dueAt <= now) this.resume(plan);
  }

  private putIdleToSleep(): void {
    const { clock } = this.context;
    for (const actor of [...this.actors.values()]) {
      if (actor.idleMs() < IDLE_AFTER_MS || this.queue.has(actor.plan) || actor.isOverdue) continue;
      const dueAt = actor.dueAt();
      if (dueAt !== undefined && dueAt - clock.now() < IDLE_AFTER_MS) continue;
      this.finished(actor);
      if (dueAt === undefined) continue;
      const timer = clock.after(dueAt - clock.now(), () => this.resume(actor.plan));
      this.sleepers.set(actor.plan, { timer, dueAt });
    }
  }
}
