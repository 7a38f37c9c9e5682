import { Fault } from "#events/fault.ts";
import type { ExecutorId, PlanId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { nextDueAt, slotPriority } from "#machines/advance.ts";
import { emptyState, isEnded, type PlanState, type PlanView } from "#machines/state.ts";
import type { Timer } from "#src/ports/clock.ts";
import type { RuntimeContext } from "#src/runtime/context.ts";
import { letOut, type EffectDeps } from "#src/runtime/effects.ts";
import { MAX_FAILED_TURNS, SNAPSHOT_AFTER_EVENTS } from "#src/runtime/limits.ts";
import { asFault, isFault, isRetryable, notOwner, stopping } from "#src/runtime/faults.ts";
import { loadPlan } from "#src/runtime/load.ts";
import { Mailbox, type Letter } from "#src/runtime/mailbox.ts";
import { Pause } from "#src/runtime/pause.ts";
import { commit, decideTurn, giveBack, type DecidedTurn } from "#src/runtime/plan-turn.ts";
import { attemptName } from "#src/runtime/slot-ledger.ts";
import type { Wish } from "#src/runtime/slot-queue.ts";
import { lossOf, sendAgain, unreadableOf } from "#src/runtime/reconcile.ts";
import { saveSnapshot } from "#src/runtime/snapshots.ts";

// The one writer of one plan: drain → decide → append at the revision it holds → let effects out.
//
// A1. One turn at a time. It loads only on activation and after a refused append.
// A2. While an append is under way the working state is ahead of the log; nothing of it leaves the actor (answers,
//     effects, views) before the append is answered. After a refusal the state is dropped and folded again.
// A3. An actor acts for one ownership of its plan's partition. When that is over it decides nothing more, and what it has
//     appended is for the next owner to let out: an append that came late is refused there, or folded.
// A4. A plan whose fold or turn fails again and again is handed over for quarantine; the others go on. What trying again
//     may help (a full disk) is tried again, however often: that is no plan's fault.

export interface ActorOwner {
  /** After a turn: what the plan wants beside what it has. */
  wants(actor: PlanActor, wish: Wish): void;
  /** How many slots the plan may take now. */
  share(plan: PlanId): number;
  /** Whether it is known already that nobody will report what the executor was running of the plan. */
  hasLost(plan: PlanId, executor: ExecutorId): boolean;
  /** Nothing is left to do and nothing will come by itself: the actor may leave memory. */
  finished(actor: PlanActor): void;
  quarantine(actor: PlanActor, fault: Fault): void;
  /** Its ownership is over. */
  disowned(actor: PlanActor): void;
}

/** What an actor is for. */
export interface Role {
  readonly plan: PlanId;
  /** Of the ownership that it acts for. */
  readonly epoch: number;
  /** Nothing is loaded before what an earlier actor of the plan has under way has ended: it still takes and gives back. */
  readonly after?: Promise<unknown> | undefined;
}

export class PlanActor {
  readonly plan: PlanId;
  readonly partition: number;
  readonly mailbox = new Mailbox();
  readonly effects: EffectDeps;
  private readonly context: RuntimeContext;
  private readonly owner: ActorOwner;
  private state: PlanState | undefined;
  private isBusy = false;
  private isAsked = false;
  private isClosed = false;
  /** Nothing was loaded or appended yet. */
  private isFresh = true;
  /** An append was refused: the log is asked, and no cache beside it. */
  private isRefused = false;
  private failedTurns = 0;
  private readonly pause: Pause;
  private readonly after: Promise<unknown> | undefined;
  /** The turn under way, or the last one. */
  private current: Promise<void> = Promise.resolve();
  private timer: Timer | undefined;
  private timerAt = Infinity;
  private snapshotRevision = -1;
  private lastActiveAt: number;

  constructor({ plan, epoch, after }: Role, context: RuntimeContext, owner: ActorOwner) {
    this.plan = plan;
    this.partition = partitionOf(plan);
    this.after = after;
    this.context = context;
    this.effects = {
      ...{ ...context, epoch, isOwner: () => this.isOwner() },
      onUnreadable: (dispatched, fault) => this.post(unreadableOf(dispatched, fault)),
    };
    this.owner = owner;
    this.pause = new Pause(context);
    this.lastActiveAt = context.clock.monotonic();
  }

  /** The durable state, or undefined while it is not loaded or a turn is under way. */
  get view(): PlanView | undefined {
    return this.isBusy ? undefined : this.state;
  }

  /** Whether what it has in flight is counted. */
  get isLoaded(): boolean {
    return this.state !== undefined;
  }

  /** How long nothing has happened, in ms; 0 while something does. */
  idleMs(): number {
    const isIdle = !this.isBusy && !this.isAsked && this.mailbox.size === 0 && (this.state?.running.size ?? 0) === 0;
    return isIdle ? this.context.clock.monotonic() - this.lastActiveAt : 0;
  }

  /** When it has something to do although nobody asks; undefined for never. */
  dueAt(): number | undefined {
    return this.state === undefined ? undefined : nextDueAt(this.state, this.context.clock.now());
  }

  /** Whether its timer should have rung: somebody has set the clock, or it rings just now. */
  get isOverdue(): boolean {
    return this.timerAt <= this.context.clock.now();
  }

  /** Somebody else has appended up to this revision: what it knows is old. */
  catchUpTo(revision: number): void {
    if (this.isBusy || this.state === undefined || this.state.revision >= revision) return;
    this.state = undefined;
    this.isRefused = true;
    this.wake();
  }

  /** Whether there was room in the mailbox. */
  post(letter: Letter): boolean {
    if (this.isClosed || !this.mailbox.put(letter)) return false;
    this.wake();
    return true;
  }

  /** Has a look at what there is to do, soon. */
  wake(): void {
    if (this.isAsked || this.isClosed) return;
    this.isAsked = true;
    if (!this.isBusy) this.runSoon();
  }

  /** Takes nothing more; resolves when the turn under way has ended and a snapshot that pays off was saved. */
  async close(reason: Fault): Promise<void> {
    this.isClosed = true;
    this.timer?.[Symbol.dispose]();
    for (const letter of this.mailbox.drain()) letter.fail(reason);
    await this.current;
    for (const letter of this.mailbox.drain()) letter.fail(reason);
    if (this.state !== undefined && !this.isBusy && !isEnded(this.state)) await this.snapshotIfDue(100);
  }

  private isOwner(): boolean {
    return this.context.ownership.epochOf(this.partition) === this.effects.epoch;
  }

  /** Fault: `not-owner`. */
  private assertOwner(): void {
    if (!this.isOwner()) throw notOwner(this.partition);
  }

  private runSoon(): void {
    this.context.clock.soon(() => {
      this.current = this.run();
    });
  }

  private async run(): Promise<void> {
    if (this.isBusy || this.isClosed) return;
    this.isBusy = true;
    this.isAsked = false;
    this.lastActiveAt = this.context.clock.monotonic();
    const letters = this.mailbox.take();
    try {
      const left = await this.turn(letters);
      this.mailbox.putBack(left);
      this.failedTurns = 0;
      this.pause.end();
    } catch (error) {
      await this.afterFailure(letters, error);
    }
    this.isBusy = false;
    this.afterTurn();
  }

  /** Returns the letters that it had no room for. */
  private async turn(letters: readonly Letter[]): Promise<readonly Letter[]> {
    this.assertOwner();
    const state = await this.activate(letters);
    const decided = await decideTurn(state, letters, {
      context: this.context,
      epoch: this.effects.epoch,
      share: () => this.owner.share(this.plan),
    });
    if (decided.turn.facts.length > 0) await this.append(state, decided);
    for (const { letter, decision } of decided.answers) letter.answer(decision);
    if (decided.isUnfinished) this.isAsked = true;
    else this.context.ledger.claims.wants(this.plan, decided.refused);
    const isHeld = decided.heldAt === this.context.ledger.claims.releases;
    // One look at the clock: a retry wants a slot from its time on, and a timer until then. None falls between two looks.
    const now = this.context.clock.now();
    const wish = { priority: slotPriority(state, now), count: Math.max(1, state.ready.size) };
    this.owner.wants(this, { ...wish, took: decided.taken.length > 0, isHeld });
    this.schedule(state, now);
    await this.snapshotIfDue(Math.max(SNAPSHOT_AFTER_EVENTS, state.held));
    return decided.left;
  }

  private async append(state: PlanState, decided: DecidedTurn): Promise<void> {
    try {
      this.assertOwner();
      await commit(state, decided, { context: this.context, isOwner: () => this.isOwner() });
    } catch (error) {
      giveBack(decided.taken, this.context);
      throw error;
    }
    this.isRefused = false;
    const { facts } = decided.turn;
    letOut(facts, state, this.effects);
    this.context.hooks.onFacts?.(this.plan, facts, state);
  }

  private async activate(letters: readonly Letter[]): Promise<PlanState> {
    if (this.state !== undefined) return this.state;
    await this.after;
    // A plan that is just being started is not in the log. Where it is, the append is refused, and then it is loaded.
    const isNew = this.isFresh && letters[0]?.command.type === "StartPlan";
    this.isFresh = false;
    const state = isNew ? emptyState(this.plan) : await this.load();
    for (const index of state.running) {
      const dispatched = state.steps[index]?.dispatched;
      if (dispatched === undefined) continue;
      const { executor, step, attempt, tokens = [] } = dispatched;
      this.context.ledger.adopt(executor, attemptName(this.plan, step, attempt), tokens);
      if (this.owner.hasLost(this.plan, executor)) this.post(lossOf(dispatched));
      // Its report may wait: an executor says it again only once a second.
      else sendAgain(index, state, this.effects);
    }
    this.context.ledger.claims.counted(this.plan);
    this.snapshotRevision = state.revision;
    this.state = state;
    return state;
  }

  private load(): Promise<PlanState> {
    const { events, payloads, snapshots } = this.context;
    return loadPlan(this.plan, { events, payloads, ...(this.isRefused ? {} : { snapshots }) });
  }

  private async afterFailure(letters: readonly Letter[], error: unknown): Promise<void> {
    this.state = undefined;
    this.mailbox.putBack(letters);
    if (this.context.signal.aborted) {
      const reason = isFault(error) ? error : stopping(error);
      for (const letter of this.mailbox.drain()) letter.fail(reason);
      return;
    }
    this.isAsked = true;
    if (!this.isOwner()) {
      this.owner.disowned(this);
      return;
    }
    if (Fault.is(error, "stream-conflict")) {
      this.isRefused = true;
      this.context.log.warn("the plan's stream moved on; its state is folded again", { plan: this.plan });
      return;
    }
    if (isRetryable(error)) {
      await this.pause.begin(error);
      return;
    }
    this.failedTurns++;
    this.context.log.error("a turn failed", { plan: this.plan, error, failedTurns: this.failedTurns });
    if (this.failedTurns < MAX_FAILED_TURNS) return;
    this.owner.quarantine(this, asFault(error));
  }

  private afterTurn(): void {
    if (this.isClosed) return;
    if (this.isAsked || this.mailbox.size > 0) {
      this.isAsked = true;
      this.runSoon();
    } else if (this.state !== undefined && (isEnded(this.state) || this.state.revision < 0)) this.owner.finished(this);
  }

  private schedule(state: PlanState, now: number): void {
    const { clock } = this.context;
    const dueAt = nextDueAt(state, now) ?? Infinity;
    if (dueAt === this.timerAt) return;
    this.timer?.[Symbol.dispose]();
    this.timerAt = dueAt;
    if (dueAt === Infinity || this.isClosed) return;
    this.timer = clock.after(Math.max(0, dueAt - clock.now()), () => {
      this.timerAt = Infinity;
      this.wake();
    });
  }

  private async snapshotIfDue(afterEvents: number): Promise<void> {
    const { state } = this;
    if (state === undefined || isEnded(state) || state.revision - this.snapshotRevision < afterEvents) return;
    this.snapshotRevision = state.revision;
    await saveSnapshot(state, this.context);
  }
}
