import type { FactOf } from "#events/catalog.ts";
import { grahamMs, leastMs } from "./bounds.ts";
import { taskOf, type WorkflowRun } from "./run-workflow.ts";

// What must be true of a workflow's run, read from the log and from the calls of the tool, not from the engine's state.
//
// J1. Every task succeeded, once, and was never dispatched again after that.
// J2. Nothing was dispatched before the success of all that it waits for was in the log.
// J3. A task ran once, but for those under way when the engine stopped: these may have run once more.
// J4. No executor had more attempts than slots. A success came when its task's time was over: the engine itself took no time.
// J5. The run took no less than its longest chain, or its work on all slots, and no more than list scheduling; one that was
//     stopped no more than list scheduling of what had not succeeded, from the moment of the stop.

/** What a dead process ran is lost as soon as the log is read; its next attempt waits for the retry's delay. */
const RECOVERY_MS = 1;

export function violations(run: WorkflowRun): string[] {
  const book = new Book(run);
  run.facts.forEach(({ fact, atMs }, number) => {
    if (fact.type === "StepDispatched") book.dispatched(fact.data, atMs);
    else if (fact.type === "StepSucceeded") book.succeeded(fact.data, atMs);
    else if (fact.type === "StepLost") book.lost(fact.data);
    if (number + 1 === run.stopped?.facts) book.stopped();
  });
  return [...book.close(), ...mistimed(run)];
}

function mistimed({ tasks, slots, facts, stopped, makespanMs }: WorkflowRun): string[] {
  const done = new Set<number>();
  for (const { fact } of facts.slice(0, stopped?.facts ?? 0)) {
    if (fact.type === "StepSucceeded") done.add(taskOf(fact.data.step));
  }
  const least = leastMs(tasks, slots);
  const rest = grahamMs(tasks, slots, (task) => !done.has(task));
  const most = stopped === undefined ? rest : stopped.atMs + RECOVERY_MS + rest;
  if (makespanMs >= least && makespanMs <= most) return [];
  return [`the run took ${makespanMs} ms, not ${least} to ${most}`];
}

interface TaskAccount {
  dispatches: number;
  successes: number;
  losses: number;
  dispatchedAtMs: number;
  executor: string;
  wasUnderWay: boolean;
}

class Book {
  private readonly run: WorkflowRun;
  private readonly accounts: readonly TaskAccount[];
  private readonly busy = new Map<string, number>();
  private readonly found: string[] = [];

  constructor(run: WorkflowRun) {
    this.run = run;
    this.accounts = run.tasks.map(() => ({
      ...{ dispatches: 0, successes: 0, losses: 0 },
      ...{ dispatchedAtMs: NaN, executor: "", wasUnderWay: false },
    }));
  }

  dispatched({ step, executor }: FactOf<"StepDispatched">["data"], atMs: number): void {
    const task = taskOf(step);
    const account = this.account(task);
    account.dispatches++;
    account.dispatchedAtMs = atMs;
    account.executor = executor;
    if (account.successes > 0) this.found.push(`${step} was dispatched after its success`);
    for (const parent of this.run.tasks[task]?.parents ?? []) {
      if (this.account(parent).successes === 0) this.found.push(`${step} was dispatched before t${parent} succeeded`);
    }
    const busy = (this.busy.get(executor) ?? 0) + 1;
    this.busy.set(executor, busy);
    if (busy > this.run.slots) this.found.push(`${busy} attempts on ${this.run.slots} slots at ${step}`);
  }

  succeeded({ step }: FactOf<"StepSucceeded">["data"], atMs: number): void {
    const task = taskOf(step);
    const account = this.account(task);
    account.successes++;
    this.giveBack(account);
    const tookMs = atMs - account.dispatchedAtMs;
    const durationMs = this.run.tasks[task]?.durationMs;
    if (tookMs !== durationMs) this.found.push(`${step} took ${tookMs} ms, not ${durationMs}`);
  }

  lost({ step }: FactOf<"StepLost">["data"]): void {
    const account = this.account(taskOf(step));
    account.losses++;
    this.giveBack(account);
    if (!account.wasUnderWay) this.found.push(`${step} was lost, and was not under way when the engine stopped`);
  }

  /** The engine stops: what has been dispatched and has not ended is under way. */
  stopped(): void {
    for (const account of this.accounts) account.wasUnderWay = account.dispatches > account.successes + account.losses;
  }

  close(): string[] {
    const calls = this.run.tasks.map(() => 0);
    for (const { task } of this.run.calls) calls[task] = (calls[task] ?? 0) + 1;
    this.accounts.forEach((account, task) => {
      if (account.successes !== 1) this.found.push(`t${task} succeeded ${account.successes} times`);
      if (account.dispatches !== 1 + account.losses)
        this.found.push(`t${task} was dispatched ${account.dispatches} times`);
      const most = account.wasUnderWay ? 2 : 1;
      const ran = calls[task] ?? 0;
      if (ran < 1 || ran > most) this.found.push(`t${task} ran ${ran} times`);
    });
    const last = this.run.facts.at(-1)?.fact.type;
    if (last !== "PlanSucceeded") this.found.push(`the plan ended as ${last}`);
    return this.found;
  }

  private giveBack({ executor }: TaskAccount): void {
    this.busy.set(executor, (this.busy.get(executor) ?? 0) - 1);
  }

  private account(task: number): TaskAccount {
    const account = this.accounts[task];
    if (account === undefined) throw new Error(`the log speaks of a task ${task} that the workflow does not have`);
    return account;
  }
}
