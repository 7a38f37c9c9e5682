import type { ExecutorId } from "#events/ids.ts";
import { Attempt, type AttemptDeps } from "#src/executor/attempt.ts";
import { Cells } from "#src/executor/isolation/cells.ts";
import type { AttemptKey, Bus, ExecutorMessage, ExecutorOutcome } from "#src/ports/bus.ts";
import type { Timer } from "#src/ports/clock.ts";

// Runs tools. The border between a dispatch that the log has promised and the work that it stands for.
//
// E1. A message that was seen before starts nothing: a run that is running, or whose report waits for its
//     acknowledgement, is answered with what is known.
// E2. A report is kept and sent again until a coordinator acknowledges that it is durable.
// E3. A message of an older epoch than the newest one seen starts and stops nothing.
// E4. Never more than `slots` attempts run. One that ignores its abort gives its slot back after ABANDON_AFTER_MS.

const RESEND_AFTER_MS = 1_000;

/** Keys of finished attempts remembered so that a repeated message does not run them again. */
const MAX_REMEMBERED = 10_000;

export interface ExecutorOptions extends Omit<AttemptDeps, "cells"> {
  readonly id: ExecutorId;
  readonly bus: Bus;
  readonly slots: number;
}

interface Report {
  readonly key: AttemptKey;
  readonly outcome: ExecutorOutcome;
  readonly durationMs: number;
}

export class Executor implements AsyncDisposable {
  private readonly options: ExecutorOptions & AttemptDeps;
  private readonly running = new Map<string, Attempt>();
  /** Attempts that were reported although their tool still runs; they hold a slot until it stops or is given up. */
  private readonly lingering = new Map<string, Attempt>();
  private readonly unacknowledged = new Map<string, Report>();
  private finished = new Set<string>();
  private finishedBefore: ReadonlySet<string> = new Set();
  private readonly subscription: Disposable;
  private resend: Timer | undefined;
  private epoch = 0;
  private isClosed = false;

  constructor(options: ExecutorOptions) {
    this.options = { ...options, cells: new Cells({ clock: options.clock, environment: options.roots.environment }) };
    this.subscription = options.bus.onExecutor(options.id, (message) => this.receive(message));
    this.offer();
  }

  /** Aborts what runs and says no more; what was not acknowledged is lost, as after a crash. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    this.subscription[Symbol.dispose]();
    this.resend?.[Symbol.dispose]();
    const settled = [...this.running.values(), ...this.lingering.values()].map((attempt) => attempt.abandon());
    await Promise.all(settled);
    await this.options.cells[Symbol.asyncDispose]();
  }

  private receive(message: ExecutorMessage): void {
    if (this.isClosed) return;
    switch (message.kind) {
      case "hello":
        this.epoch = Math.max(this.epoch, message.epoch);
        this.offer();
        return;
      case "run":
        this.run(message);
        this.epoch = Math.max(this.epoch, message.key.epoch);
        return;
      case "cancel":
        this.epoch = Math.max(this.epoch, message.key.epoch);
        if (!this.isStale(message.key)) this.running.get(nameOf(message.key))?.cancel();
        return;
      case "acknowledged":
        this.forget(nameOf(message.key), message.outcome);
    }
  }

  /** A late outcome may have taken the place of the one that is acknowledged. */
  private forget(name: string, outcome: ExecutorOutcome["kind"]): void {
    if (this.unacknowledged.get(name)?.outcome.kind === outcome) this.unacknowledged.delete(name);
  }

  private run(message: Extract<ExecutorMessage, { kind: "run" }>): void {
    const name = nameOf(message.key);
    const known = this.unacknowledged.get(name);
    if (known !== undefined) {
      this.send(known);
      return;
    }
    const isKnown = this.running.has(name) || this.finished.has(name) || this.finishedBefore.has(name);
    if (isKnown || this.isStale(message.key) || this.taken() >= this.options.slots) return;
    const attempt = new Attempt(message, this.options, {
      report: (outcome, durationMs) => this.report(attempt, { key: message.key, outcome, durationMs }),
      release: () => this.release(name),
    });
    this.running.set(name, attempt);
    attempt.start();
  }

  private report(attempt: Attempt, report: Report): void {
    const name = nameOf(report.key);
    if (this.isClosed) return;
    if (this.running.delete(name) && !attempt.isSettled) {
      this.lingering.set(name, attempt);
      // Before the report, which would free the slot that the tool still holds.
      this.offer();
    }
    this.remember(name);
    this.unacknowledged.set(name, report);
    this.send(report);
    this.resend ??= this.options.clock.after(RESEND_AFTER_MS, () => this.sendAgain(), { background: true });
  }

  private release(name: string): void {
    // A report gives its slot back; only one that lingered had kept it.
    if (this.lingering.delete(name) && !this.isClosed) this.offer();
  }

  private sendAgain(): void {
    this.resend = undefined;
    for (const report of this.unacknowledged.values()) this.send(report);
    if (this.unacknowledged.size === 0 || this.isClosed) return;
    this.resend = this.options.clock.after(RESEND_AFTER_MS, () => this.sendAgain(), { background: true });
  }

  private send({ key, outcome, durationMs }: Report): void {
    const { bus, id: executor } = this.options;
    bus.toCoordinators({ kind: "report", executor, key, outcome, durationMs });
  }

  private offer(): void {
    const holding = [...this.running.values()].map((attempt) => attempt.key);
    for (const report of this.unacknowledged.values()) holding.push(report.key);
    const slots = this.options.slots - this.lingering.size;
    this.options.bus.toCoordinators({ kind: "offer", executor: this.options.id, slots, holding });
  }

  /** Two generations: the older one is dropped whole when the younger one is full. */
  private remember(name: string): void {
    this.finished.add(name);
    if (this.finished.size < MAX_REMEMBERED / 2) return;
    this.finishedBefore = this.finished;
    this.finished = new Set();
  }

  private taken(): number {
    return this.running.size + this.lingering.size;
  }

  private isStale(key: AttemptKey): boolean {
    return key.epoch < this.epoch;
  }
}

function nameOf(key: AttemptKey): string {
  return `${key.plan}/${key.step}/${key.attempt}`;
}
