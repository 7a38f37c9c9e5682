import { errorOf, type ErrorInfo } from "#events/errors.ts";
import type { PlanId } from "#events/ids.ts";
import type { AttemptKey, Bus, ExecutorMessage, ExecutorOutcome } from "#src/ports/bus.ts";
import type { Cells } from "#src/executor/isolation/cells.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";
import type { Secrets } from "#src/ports/secrets.ts";
import type { RunHistory, Tool, ToolContext, ToolRoots } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import { runTool, type ToolOutcome } from "#src/tools/run.ts";

// One attempt of one tool, from the command to its report.
//
// A1. It reports at most twice: its end, or its timeout and later (from a tool that answered after all) its late end.
// A2. An aborted tool gets ABANDON_AFTER_MS to stop. One that does not is reported as timed out, because nobody knows
//     what it has done or still does, and its slot is given back. Where it is isolated, its thread or process is ended.
// A3. A tool that says which versions it stands for runs no call that was checked against another one.

export const ABANDON_AFTER_MS = 5_000;

/** How a tool fails that was told to stop. */
const STOPPED: ReadonlySet<string> = new Set(["cancelled", "timeout"]);

/** What the steps of a plan may touch and use. */
export interface Workshop {
  readonly tools: ToolRegistry;
  readonly roots: ToolRoots;
  readonly secrets: Secrets;
}

export interface AttemptDeps extends Workshop {
  readonly bus: Bus;
  readonly clock: Clock;
  /** Where tools run that are isolated. */
  readonly cells: Cells;
  /** Of a plan that was given one of its own. */
  readonly workshopOf?: (plan: PlanId) => Workshop | undefined;
  /** Of the log, where it is at hand. */
  readonly history?: RunHistory | undefined;
}

export interface AttemptOwner {
  report(outcome: ExecutorOutcome, durationMs: number): void;
  /** The tool has stopped, or was given up, after its report. */
  release(): void;
}

type RunMessage = Extract<ExecutorMessage, { kind: "run" }>;

export class Attempt {
  readonly key: AttemptKey;
  /** The tool has returned, or was given up. */
  isSettled = false;
  private readonly message: RunMessage;
  private readonly deps: AttemptDeps;
  private readonly owner: AttemptOwner;
  private readonly abort = new AbortController();
  private readonly startedAt: number;
  private readonly done = Promise.withResolvers<undefined>();
  /** Ends a tool that is isolated, whatever it does. */
  private kill: (() => void) | undefined;
  private timeout: Timer | undefined;
  private giveUp: Timer | undefined;
  private isReported = false;

  constructor(message: RunMessage, deps: AttemptDeps, owner: AttemptOwner) {
    this.key = message.key;
    this.message = message;
    this.deps = { ...deps, ...deps.workshopOf?.(message.key.plan) };
    this.owner = owner;
    this.startedAt = deps.clock.monotonic();
  }

  start(): void {
    const { tools, clock } = this.deps;
    const tool = tools.get(this.message.tool);
    const refusal = tool === undefined ? this.absence(tools) : this.changeOf(tool);
    if (tool === undefined || refusal !== undefined) {
      this.settle({ ok: false, error: refusal ?? this.absence(tools) });
      return;
    }
    this.timeout = clock.after(this.message.timeoutMs, () => this.expire(), { background: true });
    void this.run(tool).then((outcome) => this.settle(outcome));
  }

  private absence(tools: ToolRegistry): ErrorInfo {
    const { tool } = this.message;
    const known = tools.absence(tool);
    if (known !== undefined) return errorOf(known.category, known.code, known.message);
    return errorOf("not-found", "unknown-tool", `this executor has no tool ${tool}`);
  }

  /** A3. */
  private changeOf({ name, version, accepts }: Tool): ErrorInfo | undefined {
    const { toolVersion } = this.message;
    if (accepts?.(toolVersion) !== false) return undefined;
    const text = `${name} was ${toolVersion} when the plan was checked, and is ${version} now`;
    return errorOf("conflict", "tool-changed", text);
  }

  /** Asks the tool to stop. */
  cancel(): void {
    this.stop(new DOMException("the plan was cancelled", "AbortError"));
    this.giveUp ??= this.deps.clock.after(ABANDON_AFTER_MS, () => this.abandonSlot(), { background: true });
  }

  /** Asks the tool to stop because its executor ends; resolves when it has, or was given up. */
  async abandon(): Promise<void> {
    this.isReported = true;
    this.cancel();
    await this.done.promise;
  }

  /** Nobody is heard who wants it: as if its time were over. */
  forsake(): void {
    this.expire();
  }

  private run(tool: Tool): Promise<ToolOutcome> {
    const { args, isolate } = this.message;
    if (isolate === undefined) return runTool(tool, args, this.context());
    const running = this.deps.cells.run({ tool, isolate, args }, this.context());
    this.kill = () => running.kill();
    return running.outcome;
  }

  private expire(): void {
    this.say({ kind: "timed-out" });
    this.stop(new DOMException("the attempt took longer than its timeout", "TimeoutError"));
    this.giveUp ??= this.deps.clock.after(ABANDON_AFTER_MS, () => this.abandonSlot(), { background: true });
  }

  private settle(outcome: ToolOutcome): void {
    const isLate = this.isReported;
    this.end();
    // After its timeout a tool that stops because it was told to says nothing new: what it has done by then is unknown.
    const saysNothing = isLate && !outcome.ok && STOPPED.has(outcome.error.category);
    if (!saysNothing) this.sayEnd(outcome, isLate);
    this.owner.release();
  }

  private sayEnd(outcome: ToolOutcome, isLate: boolean): void {
    if (outcome.ok) this.say({ kind: "succeeded", output: outcome.output }, isLate);
    else if (this.abort.signal.aborted && outcome.error.category === "cancelled")
      this.say({ kind: "cancelled" }, isLate);
    else {
      const silent = outcome.isSilent === true ? { isSilent: true } : {};
      this.say({ kind: "failed", error: outcome.error, ...silent }, isLate);
    }
  }

  private abandonSlot(): void {
    if (this.isSettled) return;
    this.say({ kind: "timed-out" });
    this.kill?.();
    this.end();
    this.owner.release();
  }

  private end(): void {
    this.isSettled = true;
    this.timeout?.[Symbol.dispose]();
    this.giveUp?.[Symbol.dispose]();
    this.done.resolve(undefined);
  }

  private stop(reason: DOMException): void {
    if (!this.abort.signal.aborted) this.abort.abort(reason);
  }

  private say(outcome: ExecutorOutcome, isLate = false): void {
    if (this.isReported && !isLate) return;
    this.isReported = true;
    this.owner.report(outcome, Math.round(this.deps.clock.monotonic() - this.startedAt));
  }

  private context(): ToolContext {
    const { bus, clock, roots, secrets, history } = this.deps;
    const { plan, step, attempt } = this.key;
    const { signal } = this.abort;
    return {
      signal,
      roots,
      clock,
      idempotencyKey: this.message.idempotencyKey,
      progress: (update) => bus.live({ plan, step, attempt, at: clock.now(), kind: "progress", ...update }),
      log: (message, fields) =>
        bus.live({
          plan,
          step,
          attempt,
          at: clock.now(),
          kind: "log",
          message,
          ...(fields === undefined ? {} : { fields }),
        }),
      secret: (reference) => secrets.resolve(reference, signal),
      ...(history === undefined ? {} : { history }),
    };
  }
}
