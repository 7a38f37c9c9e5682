import type { Fact } from "#events/catalog.ts";
import type { Command } from "#events/commands.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { Fault } from "#events/fault.ts";
import { executorId, newPlanId, RANDOM_BYTES_PER_ID, type PlanId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import type { JsonObject } from "#events/json.ts";
import type { Decision } from "#machines/decide/decision.ts";
import type { PlanView } from "#machines/state.ts";
import type { EngineOptions } from "#src/api/engine-options.ts";
import { openParts, type OpenedParts } from "#src/api/engine-parts.ts";
import { installationOf, type Installation } from "#src/api/installation.ts";
import { isSettled, PlanBook, type PlanHead } from "#src/api/plan-book.ts";
import { PlanReader } from "#src/api/plan-reader.ts";
import type { Workshop } from "#src/executor/attempt.ts";
import { Executor } from "#src/executor/executor.ts";
import type { ClusterPlace } from "#src/ownership/cluster-place.ts";
import { sharePlans, type PlanSharing } from "#src/ownership/plan-sharing.ts";
import { EXECUTOR_LEASE_MS, type LiveMessage } from "#src/ports/bus.ts";
import { saidWhenSlow } from "#src/ports/slow-work.ts";
import type { ListedPlan } from "#src/projecting/plan-list.ts";
import type { Projector } from "#src/projecting/projector.ts";
import type { RuntimeHooks } from "#src/runtime/context.ts";
import { Coordinator } from "#src/runtime/coordinator.ts";
import { notOwner } from "#src/runtime/faults.ts";
import { shortageOf, type Call, type Shortage } from "#src/runtime/shortage.ts";
import { soleOwner } from "#src/runtime/ownership.ts";
import type { Quarantine, QuarantinedPlan } from "#src/runtime/quarantine.ts";

// A coordinator and an executor in one process over one store: what the command line and library users start. Or a coordinator
// among others, whose executors are elsewhere.
//
// G1. Opening starts nothing: interrupted plans are found and named, and go on when somebody says `resume`.
// G2. Only plans that were started or resumed here start steps here: another one is answered, and waits.
// G3. Among others it is the other way round: whoever owns a plan's partition goes on with it by itself, and what is asked of a
//     plan that another one owns is refused as `not-owner`.

export interface BeginOptions {
  /** The principal who asks; default: the engine's own. */
  readonly actor?: string;
  /** What its steps may touch and use; default: what the engine was given. */
  readonly workshop?: Workshop | undefined;
}

export type FactsListener = (plan: PlanId, facts: readonly Fact[], state: PlanView) => void;
export type TroubleListener = (trouble: Error | undefined) => void;
export type QuarantineListener = (plan: PlanId, code: string, message: string) => void;

/** A silent executor is lost after this. Within one process silence means that the process that ran it has ended. */
const OWN_EXECUTOR_LEASE_MS = 5_000;

export class Engine implements AsyncDisposable {
  readonly plans: PlanReader;
  private readonly options: EngineOptions;
  private readonly listeners = new Set<FactsListener>();
  private readonly troubleListeners = new Set<TroubleListener>();
  private readonly quarantineListeners = new Set<QuarantineListener>();
  private readonly book = new PlanBook();
  private readonly stopping: AbortController;
  private readonly coordinator: Coordinator;
  /** Undefined among others: executors are elsewhere. */
  private readonly executor: Executor | undefined;
  private readonly keeper: PlanSharing | undefined;
  private readonly quarantine: Quarantine;
  private readonly projector: Projector;

  private constructor(options: EngineOptions, parts: OpenedParts) {
    this.options = options;
    this.projector = parts.projector;
    this.plans = new PlanReader(options, this.projector);
    this.quarantine = parts.quarantine;
    this.stopping = parts.stopping;
    const { quarantine, soleEpoch } = parts;
    const open = { ...parts.context, hooks: this.hooks() };
    if (options.cluster !== undefined) {
      const { version } = options.cluster;
      this.keeper = this.shareWith(options.cluster, parts);
      const context = { ...open, ownership: this.keeper };
      this.coordinator = new Coordinator({ context, quarantine, executorLeaseMs: EXECUTOR_LEASE_MS, version });
      return;
    }
    const mayStart = (plan: PlanId): boolean => this.book.isAdmitted(plan);
    const context = { ...open, ownership: soleOwner(soleEpoch) };
    const owned = { context, quarantine, executorLeaseMs: OWN_EXECUTOR_LEASE_MS, mayStart, isAlone: true };
    this.coordinator = new Coordinator(owned);
    this.coordinator.ownAll();
    const id = executorId.parse(context.id);
    const history = {
      toolReports: () => this.plans.toolReports(),
      finishedChanges: () => this.plans.finishedChanges(),
      requests: (limit: number) => this.plans.requests({ limit }),
      answers: () => this.plans.answers((tool) => options.tools.get(tool)?.sideEffects === "read"),
    };
    this.executor = new Executor({ ...options, id, history, workshopOf: (plan) => this.book.workshopOf(plan) });
  }

  static async open(options: EngineOptions): Promise<Engine> {
    return new Engine(options, await openParts(options));
  }

  /** An id for a plan that is about to be started: here, where that can be. */
  newPlanId(): PlanId {
    const { clock, random } = this.options;
    const draw = (): PlanId => newPlanId(clock.now(), random.bytes(RANDOM_BYTES_PER_ID));
    const owned = this.keeper?.partitions;
    let plan = draw();
    if (owned === undefined || owned.length === 0) return plan;
    const here = new Set(owned);
    while (!here.has(partitionOf(plan))) plan = draw();
    return plan;
  }

  /** What it owns among others: partitions, and the members that it knows of. */
  get share(): { readonly partitions: number; readonly members: readonly string[] } | undefined {
    return this.keeper && { partitions: this.keeper.partitions.length, members: this.keeper.members };
  }

  /** Coordinators and executors, as far as is known here. */
  installation(): Installation {
    const { keeper, coordinator } = this;
    const { clock } = this.options;
    return installationOf({ id: coordinator.id, keeper, executors: coordinator.executors, clock });
  }

  /** Why a call that is ready gets no slot; undefined where there are some. */
  shortage(call: Call): Shortage | undefined {
    return shortageOf(call, this.coordinator.executors);
  }

  /** Starts a plan; returns its id when the start is durable. The definition and inputs must have been checked. */
  async start(definition: PlanDefinition, inputs: JsonObject, plan: PlanId = this.newPlanId()): Promise<PlanId> {
    const decision = await this.begin(plan, { type: "StartPlan", definition, inputs });
    if (decision.kind === "rejected") throw new Fault(decision.code, decision.reason);
    return plan;
  }

  /** Sends the command that starts a plan, or starts one again that has ended, and lets it go on here. */
  async begin(plan: PlanId, command: Command, { actor, workshop }: BeginOptions = {}): Promise<Decision> {
    const { book } = this;
    const wasAdmitted = book.isAdmitted(plan);
    book.admit(plan, workshop);
    book.expect(plan);
    const isRefused = (): void => {
      book.expectNothing(plan);
      if (!wasAdmitted) book.dismiss(plan);
    };
    try {
      const decision = await this.send(plan, command, actor);
      // A plan that was started before may have settled long ago: who waits for it asks the log.
      if (decision.kind === "rejected") isRefused();
      else if (decision.kind !== "accepted") book.expectNothing(plan);
      return decision;
    } catch (error) {
      isRefused();
      throw error;
    }
  }

  /** Asks something of a plan; the answer comes after what it led to is durable. `actor`: the principal who asks. */
  send(plan: PlanId, command: Command, actor: string = this.options.actor): Promise<Decision> {
    return this.coordinator.send(plan, command, { actor });
  }

  /** Plans that an earlier process left unfinished. */
  async interrupted(): Promise<ListedPlan[]> {
    const live = await this.plans.list({ tag: "live", limit: Infinity });
    return live.filter(({ plan }) => !this.quarantine.has(plan));
  }

  /** Lets a plan go on here from where the log says it is. */
  resume(plan: PlanId, workshop?: Workshop): void {
    this.book.admit(plan, workshop);
    this.coordinator.resume(plan);
  }

  /** Whether steps of the plan start here. */
  isAdmitted(plan: PlanId): boolean {
    return this.book.isAdmitted(plan);
  }

  /** Plans that go on here and may move by themselves. */
  moving(): readonly PlanId[] {
    return this.book.moving();
  }

  /** Resolves when no plan moves here any more. Rejects with the signal's reason. */
  async idle(signal: AbortSignal): Promise<void> {
    for (let plans = this.moving(); plans.length > 0; plans = this.moving()) {
      await Promise.allSettled(plans.map((plan) => this.settled(plan, signal)));
      signal.throwIfAborted();
      // One that was settled before it was taken up has no facts that say so.
      for (const plan of plans) this.book.rest(plan);
    }
  }

  /** What a plan last came to here; undefined where nothing has happened to it here, or long ago. */
  head(plan: PlanId): PlanHead | undefined {
    return this.book.head(plan);
  }

  /** The durable state of a plan that is in memory and between two turns; to be read at once, not kept. */
  view(plan: PlanId): PlanView | undefined {
    return this.coordinator.view(plan);
  }

  /**
   * Resolves with the state of a plan that has ended, or that only a person can bring further. Rejects with the
   * signal's reason, and with the fault `plan-quarantined` when the plan cannot be run.
   */
  settled(plan: PlanId, signal: AbortSignal): Promise<PlanView> {
    const partition = partitionOf(plan);
    if (this.keeper !== undefined && this.keeper.epochOf(partition) === undefined)
      return Promise.reject(notOwner(partition));
    const { promise, resolve, reject } = Promise.withResolvers<PlanView>();
    const stopped = new DisposableStack();
    const look = (state: PlanView | undefined): void => {
      if (state !== undefined && isSettled(state)) resolve(state);
    };
    const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    stopped.use(this.onFacts((changed, _facts, state) => changed === plan && look(state)));
    stopped.use(
      this.onQuarantined((changed, code, message) => changed === plan && reject(quarantinedFault(plan, code, message))),
    );
    stopped.defer(() => signal.removeEventListener("abort", onAbort));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (!this.book.isUnsettled(plan)) this.lookUp(plan).then(look, reject);
    return promise.finally(() => stopped.dispose());
  }

  onFacts(listener: FactsListener): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => this.listeners.delete(listener) };
  }

  onQuarantined(listener: QuarantineListener): Disposable {
    this.quarantineListeners.add(listener);
    return { [Symbol.dispose]: () => this.quarantineListeners.delete(listener) };
  }

  /** Told while the store takes nothing (a full disk), and with undefined when that is over. */
  onTrouble(listener: TroubleListener): Disposable {
    this.troubleListeners.add(listener);
    return { [Symbol.dispose]: () => this.troubleListeners.delete(listener) };
  }

  onLive(listener: (message: LiveMessage) => void): Disposable {
    return this.options.bus.onLive(listener);
  }

  quarantined(): readonly QuarantinedPlan[] {
    return this.quarantine.list();
  }

  release(plan: PlanId): Promise<void> {
    return this.quarantine.release(plan);
  }

  /** Absolute: the directory that tools stay inside which this process runs, where a plan has none of its own. */
  get root(): string {
    return this.options.roots.fs;
  }

  /** Plans in memory and the fullest mailbox among them. */
  load(): { readonly livePlans: number; readonly mailboxPeak: number } {
    return { livePlans: this.coordinator.livePlans, mailboxPeak: this.coordinator.mailboxPeak() };
  }

  /** Stops at once: what runs is aborted and goes on with the next `resume`. The store stays open; it is the caller's. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { clock, log } = this.options;
    await this.keeper?.[Symbol.asyncDispose]();
    this.stopping.abort();
    await saidWhenSlow({ what: "plans and steps have stopped", clock, log }, () =>
      Promise.all([this.coordinator[Symbol.asyncDispose](), this.executor?.[Symbol.asyncDispose]()]),
    );
    await saidWhenSlow({ what: "views are saved", clock, log }, () => this.projector[Symbol.asyncDispose]());
  }

  private shareWith({ id, leases, onOwned }: ClusterPlace, { quarantine, projector, context }: OpenedParts) {
    const { clock, log, events } = context;
    return sharePlans({
      ...{ id, leases, clock, log, events, quarantine, views: projector },
      ...{ claims: context.ledger.claims, limits: this.options.limits },
      coordinator: () => this.coordinator,
      onTaken: (partitions, plans) => {
        for (const plan of plans) this.book.admit(plan, undefined);
        for (const partition of partitions) onOwned?.(partition, true);
      },
      onGiven: (partition) => onOwned?.(partition, false),
    });
  }

  /** The stored state, for a plan that may have settled already. One that cannot be read is left to its actor to find out. */
  private async lookUp(plan: PlanId): Promise<PlanView | undefined> {
    const quarantined = this.quarantine.list().find((it) => it.plan === plan);
    if (quarantined !== undefined) throw quarantinedFault(plan, quarantined.code, quarantined.message);
    try {
      return await this.plans.state(plan);
    } catch (error) {
      if (Fault.is(error, "plan-unreadable")) return undefined;
      throw error;
    }
  }

  private hooks(): RuntimeHooks {
    return {
      onFacts: (plan, facts, state) => {
        this.book.note(plan, state);
        this.tell(this.listeners, (listener) => listener(plan, facts, state));
      },
      onTrouble: (trouble) => {
        this.tell(this.troubleListeners, (listener) => listener(trouble));
      },
      onQuarantined: (plan, code, message) => {
        this.book.expectNothing(plan);
        this.book.dismiss(plan);
        this.tell(this.quarantineListeners, (listener) => listener(plan, code, message));
      },
    };
  }

  /** A listener that throws is its owner's trouble: neither the plan's nor other listeners'. */
  private tell<L>(listeners: ReadonlySet<L>, call: (listener: L) => void): void {
    for (const listener of listeners) {
      try {
        call(listener);
      } catch (error) {
        this.options.log.error("a listener failed", { error });
      }
    }
  }
}

function quarantinedFault(plan: PlanId, code: string, message: string): Fault<"plan-quarantined"> {
  return new Fault("plan-quarantined", `plan ${plan} is quarantined: ${message}`, { details: { plan, code } });
}
