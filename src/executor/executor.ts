import type { CoordinatorId, ExecutorId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { Attempt, type AttemptDeps } from "#src/executor/attempt.ts";
import { Cells } from "#src/executor/isolation/cells.ts";
import { SlotLender } from "#src/executor/slot-lender.ts";
import { PROTOCOL, type AttemptKey, type Bus, type ExecutorAbout } from "#src/ports/bus.ts";
import type { ExecutorMessage, ExecutorOutcome, Report } from "#src/ports/bus.ts";
import type { Timer } from "#src/ports/clock.ts";

// Runs tools. The border between a dispatch that the log has promised and the work that it stands for.
//
// E1. A message that was seen before starts nothing: a run that is running, or whose report waits for its
//     acknowledgement, is answered with what is known.
// E2. A report is kept and sent again until a coordinator acknowledges that it is durable.
// E3. A message of an older epoch than the newest one seen of its partition starts and stops nothing.
// E4. Never more than `slots` attempts run. One that ignores its abort gives its slot back after ABANDON_AFTER_MS.
// E5. After a standstill as long as the lease nothing begins that it was told before: coordinators have given it up, or send it again.
// E6. A tool whose owner is silent for `silenceMs` is told to stop: nobody may be left who wants it.

const RESEND_AFTER_MS = 1_000;
const PULSE_EVERY_MS = 1_000;

/** Keys of finished attempts remembered so that a repeated message does not run them again. */
const MAX_REMEMBERED = 10_000;

export interface ExecutorOptions extends Omit<AttemptDeps, "cells"> {
  readonly id: ExecutorId;
  readonly bus: Bus;
  readonly slots: number;
  /** What others are told of it. Default: it runs what every pool and plan asks for. */
  readonly about?: Omit<ExecutorAbout, "protocol">;
  /** Silence after which coordinators and executors give each other up, in ms. Default: never, as within one process. */
  readonly leaseMs?: number;
  /** Told once of each coordinator that speaks another protocol, and so gets nothing from here. */
  readonly onStranger?: (stranger: Stranger) => void;
  /** Silence of its owner after which a tool is told to stop, in ms. Default: never. */
  readonly silenceMs?: number;
  /** Who says that it is there while its loop stands still. Default: nobody. */
  readonly spokesman?: Spokesman;
}

interface Spokesman {
  /** The loop goes. */
  beat(): void;
  /** It speaks for so long, in ms; after that coordinators give the executor up. */
  readonly patienceMs: number;
}

/** A coordinator of another version. */
interface Stranger {
  readonly coordinator: CoordinatorId;
  readonly version: string;
  readonly protocol: number;
}

/** What it has to say of an attempt. */
type Finding = Omit<Report, "kind" | "executor">;

/** An attempt under way, and who wants it. */
interface Running {
  readonly attempt: Attempt;
  /** Whose slot it took. */
  readonly lentTo: CoordinatorId;
  owner: CoordinatorId;
  heardAt: number;
}

export class Executor implements AsyncDisposable {
  private readonly options: ExecutorOptions & AttemptDeps;
  private readonly leaseMs: number;
  private readonly lender: SlotLender;
  private readonly running = new Map<string, Running>();
  /** Attempts that were reported although their tool still runs; they hold a slot until it stops or is given up. */
  private readonly lingering = new Map<string, Running>();
  private readonly unacknowledged = new Map<string, Finding>();
  private finished = new Set<string>();
  private finishedBefore: ReadonlySet<string> = new Set();
  private readonly subscription: Disposable;
  private resend: Timer | undefined;
  private pulse: Timer | undefined;
  private pulsedAt: number;
  /** The newest that was seen, by partition. */
  private readonly epochs = new Map<number, number>();
  private readonly idle = new Set<() => void>();
  private readonly strangers = new Set<CoordinatorId>();
  private isClosed = false;

  constructor(options: ExecutorOptions) {
    const { id, bus, clock, roots, slots, leaseMs = Infinity } = options;
    this.options = { ...options, cells: new Cells({ clock, environment: roots.environment }) };
    this.leaseMs = leaseMs;
    this.lender = new SlotLender(slots, leaseMs);
    this.pulsedAt = clock.monotonic();
    this.subscription = bus.onExecutor(id, (message) => this.receive(message));
    this.beat();
  }

  /** Lends nothing more; resolves when nobody can use a slot, nothing runs and every report is known to be durable. */
  drained(): Promise<void> {
    this.lender.drain();
    this.offer();
    return new Promise((resolve) => {
      this.idle.add(resolve);
      this.tellIdle();
    });
  }

  /** Aborts what runs and says no more; what was not acknowledged is lost, as after a crash. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const { bus, id: executor, cells } = this.options;
    bus.toCoordinators({ kind: "gone", executor });
    this.subscription[Symbol.dispose]();
    this.resend?.[Symbol.dispose]();
    this.pulse?.[Symbol.dispose]();
    const under = [...this.running.values(), ...this.lingering.values()];
    await Promise.all(under.map(({ attempt }) => attempt.abandon()));
    await cells[Symbol.asyncDispose]();
  }

  private receive(message: ExecutorMessage): void {
    if (this.isClosed) return;
    this.noticeStandstill();
    switch (message.kind) {
      case "hello":
        this.hello(message);
        return;
      case "goodbye":
        this.lender.goodbye(message.from);
        this.offer();
        this.tellIdle();
        return;
      case "run":
        this.run(message);
        this.noteEpoch(message.key);
        return;
      case "cancel":
        this.noteEpoch(message.key);
        if (!this.isStale(message.key)) this.running.get(nameOf(message.key))?.attempt.cancel();
        return;
      case "acknowledged":
        this.forget(nameOf(message.key), message.outcome);
    }
  }

  private hello(message: Extract<ExecutorMessage, { kind: "hello" }>): void {
    if (message.protocol !== PROTOCOL) {
      this.meet(message);
      return;
    }
    const now = this.now();
    this.lender.hello(message, now);
    for (const one of this.running.values()) if (one.owner === message.from) one.heardAt = now;
    this.offer();
    this.tellIdle();
  }

  /** It is offered nothing, and told why. */
  private meet({ from, protocol, version, at }: Extract<ExecutorMessage, { kind: "hello" }>): void {
    const { bus, id: executor, about, onStranger } = this.options;
    const said = { version: UNNAMED, ...about, protocol: PROTOCOL };
    const nothing = { number: 0, since: 0, heardAt: at, slots: [], back: [] };
    bus.toCoordinator(from, { kind: "offer", executor, ...nothing, about: said });
    if (this.strangers.has(from)) return;
    this.strangers.add(from);
    onStranger?.({ coordinator: from, protocol, version });
  }

  /** A late outcome may have taken the place of the one that is acknowledged. */
  private forget(name: string, outcome: ExecutorOutcome["kind"]): void {
    if (this.unacknowledged.get(name)?.outcome.kind === outcome) this.unacknowledged.delete(name);
    this.tellIdle();
  }

  private run(message: Extract<ExecutorMessage, { kind: "run" }>): void {
    const name = nameOf(message.key);
    if (this.knows(name, message)) {
      this.lender.returns(message);
      this.offer();
      return;
    }
    if (this.isStale(message.key) || !this.lender.takes(message)) return;
    const attempt = new Attempt(message, this.options, {
      report: (outcome, durationMs) => this.report(name, { key: message.key, outcome, durationMs }),
      release: () => this.release(name),
    });
    this.running.set(name, { attempt, lentTo: message.from, owner: message.from, heardAt: this.now() });
    attempt.start();
  }

  /** Whether the attempt has begun, which is then answered as far as there is an answer. */
  private knows(name: string, { key, from }: Extract<ExecutorMessage, { kind: "run" }>): boolean {
    const report = this.unacknowledged.get(name);
    if (report !== undefined) this.send(report);
    const running = this.running.get(name);
    if (running !== undefined && !this.isStale(key)) Object.assign(running, { owner: from, heardAt: this.now() });
    const hasEnded = report !== undefined || this.finished.has(name) || this.finishedBefore.has(name);
    return hasEnded || running !== undefined;
  }

  private report(name: string, report: Finding): void {
    if (this.isClosed) return;
    const running = this.running.get(name);
    if (running !== undefined) {
      this.running.delete(name);
      if (running.attempt.isSettled) this.lender.ends(running.lentTo);
      else this.lingering.set(name, running);
    }
    this.remember(name);
    this.unacknowledged.set(name, report);
    this.send(report);
    this.offer();
    this.resend ??= this.options.clock.after(RESEND_AFTER_MS, () => this.sendAgain(), { background: true });
  }

  private release(name: string): void {
    // A report gives its slot back; only one that lingered had kept it.
    const lingering = this.lingering.get(name);
    if (lingering === undefined || this.isClosed) return;
    this.lingering.delete(name);
    this.lender.ends(lingering.lentTo);
    this.offer();
    this.tellIdle();
  }

  private sendAgain(): void {
    this.resend = undefined;
    for (const report of this.unacknowledged.values()) this.send(report);
    if (this.unacknowledged.size === 0 || this.isClosed) return;
    this.resend = this.options.clock.after(RESEND_AFTER_MS, () => this.sendAgain(), { background: true });
  }

  private send({ key, outcome, durationMs }: Finding): void {
    const { bus, id: executor } = this.options;
    bus.toOwner({ kind: "report", executor, key, outcome, durationMs });
  }

  /** To every coordinator that has something to hear. */
  private offer(): void {
    const { bus, id: executor, about } = this.options;
    for (const coordinator of this.lender.balance()) {
      const offer = this.lender.offerTo(coordinator);
      if (offer === undefined) continue;
      const { isFirst, ...lent } = offer;
      const said = isFirst ? { about: { version: UNNAMED, ...about, protocol: PROTOCOL } } : {};
      bus.toCoordinator(coordinator, { kind: "offer", executor, ...lent, ...said });
    }
  }

  private beat(): void {
    const { bus, clock, id: executor, silenceMs = Infinity } = this.options;
    this.noticeStandstill();
    const now = clock.monotonic();
    this.pulsedAt = now;
    this.options.spokesman?.beat();
    const load = { slots: this.options.slots, used: this.running.size + this.lingering.size };
    bus.toCoordinators({ kind: "alive", executor, load });
    this.lender.expire(now);
    for (const { attempt, heardAt } of this.running.values()) if (now - heardAt >= silenceMs) attempt.forsake();
    this.offer();
    this.tellIdle();
    this.pulse = clock.after(PULSE_EVERY_MS, () => this.beat(), { background: true });
  }

  /** E5. */
  private noticeStandstill(): void {
    const now = this.now();
    const stoodMs = now - this.pulsedAt;
    if (stoodMs < this.leaseMs) return;
    this.pulsedAt = now;
    this.lender.forgetAll();
    // Nobody has given it up, and what owners have said meanwhile was not heard yet.
    if (stoodMs >= (this.options.spokesman?.patienceMs ?? 0)) return;
    for (const one of this.running.values()) one.heardAt += stoodMs;
  }

  private tellIdle(): void {
    if (this.running.size + this.lingering.size + this.unacknowledged.size + this.lender.lent > 0) return;
    for (const tell of this.idle) tell();
    this.idle.clear();
  }

  /** Two generations: the older one is dropped whole when the younger one is full. */
  private remember(name: string): void {
    this.finished.add(name);
    if (this.finished.size < MAX_REMEMBERED / 2) return;
    this.finishedBefore = this.finished;
    this.finished = new Set();
  }

  private now(): number {
    return this.options.clock.monotonic();
  }

  private noteEpoch({ plan, epoch }: AttemptKey): void {
    const partition = partitionOf(plan);
    this.epochs.set(partition, Math.max(this.epochs.get(partition) ?? 0, epoch));
  }

  private isStale({ plan, epoch }: AttemptKey): boolean {
    return epoch < (this.epochs.get(partitionOf(plan)) ?? 0);
  }
}

/** Release of a program that does not say its own. */
const UNNAMED = "unnamed";

function nameOf(key: AttemptKey): string {
  return `${key.plan}/${key.step}/${key.attempt}`;
}
