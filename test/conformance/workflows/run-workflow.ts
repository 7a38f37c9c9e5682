import { decode, type Fact } from "#events/catalog.ts";
import type { PlanDefinition } from "#events/definition.ts";
import type { PlanId } from "#events/ids.ts";
import { planStream } from "#events/streams.ts";
import type { Engine } from "#src/api/engine.ts";
import { sleep } from "#src/ports/clock.ts";
import { eventsAt } from "#src/store/memory/contents.ts";
import { checkedPlan } from "#src/testing/checked-plan.ts";
import { Machine } from "../../runtime/kit.ts";
import type { Task, Workflow } from "./workflow.ts";

// A workflow as a plan on the real runtime, in virtual time: each task is a step that takes as long as the trace says. It may be
// stopped in the middle, and goes on in another engine over the same store.

export interface RunOptions {
  readonly slots: number;
  /** The order of what happens at the same moment. */
  readonly seed?: number;
  readonly stop?: Stop;
}

export const STOPS = ["closed", "killed before an append", "killed before the answer to an append"] as const;

export interface Stop {
  /** As soon as the plan has so many facts. */
  readonly afterFacts: number;
  readonly kind: (typeof STOPS)[number];
}

interface TimedFact {
  readonly fact: Fact;
  /** From the plan's start, in ms. */
  readonly atMs: number;
}

interface TaskCall {
  readonly task: number;
  readonly atMs: number;
}

export interface WorkflowRun {
  readonly tasks: readonly Task[];
  readonly slots: number;
  readonly facts: readonly TimedFact[];
  /** Where it was stopped. */
  readonly stopped: { readonly atMs: number; readonly facts: number } | undefined;
  /** Calls of the tool, also those whose answers were lost. */
  readonly calls: readonly TaskCall[];
  readonly makespanMs: number;
}

const TOOL = "test.tool";
const WITHIN_MS = 30 * 86_400_000;

/** Fails where the plan does not end. */
export async function runWorkflow(workflow: Workflow, { slots, seed = 1, stop }: RunOptions): Promise<WorkflowRun> {
  const machine = new Machine(seed);
  workflow.tasks.forEach(({ durationMs }, task) => {
    machine.on(stepOf(task), async (_call, { clock, signal }) => {
      if (durationMs > 0) await sleep(clock, durationMs, signal);
      return null;
    });
  });
  const definition = definitionOf(workflow, machine);
  let engine = await machine.open({ slots });
  const plan = await machine.answer(engine.start(definition, {}));
  const startedAt = startOf(machine, plan);
  let stopped: WorkflowRun["stopped"];
  if (stop !== undefined) {
    await stopInTheMiddle(machine, { engine, plan, stop });
    stopped = { atMs: machine.world.now() - startedAt, facts: recorded(machine, plan).length };
    engine = await machine.open({ slots });
    engine.resume(plan);
  }
  await machine.settled(engine, plan, WITHIN_MS);
  await machine.answer(engine[Symbol.asyncDispose]());
  const facts = recorded(machine, plan).map((event) => ({
    fact: decode(event),
    atMs: event.origin.occurredAt - startedAt,
  }));
  const calls = machine.calls.map(({ step, at }) => ({ task: taskOf(step), atMs: at - startedAt }));
  return { tasks: workflow.tasks, slots, facts, stopped, calls, makespanMs: facts.at(-1)?.atMs ?? NaN };
}

interface Running {
  readonly engine: Engine;
  readonly plan: PlanId;
  readonly stop: Stop;
}

async function stopInTheMiddle(machine: Machine, { engine, plan, stop }: Running): Promise<void> {
  const isDue = (): boolean => (machine.contents.streams.get(planStream(plan))?.length ?? 0) >= stop.afterFacts;
  if (stop.kind === "closed") {
    await machine.until(isDue, WITHIN_MS);
    await machine.answer(engine[Symbol.asyncDispose]());
    return;
  }
  let isDead = false;
  const die = (): void | Promise<void> => {
    if (!isDue()) return;
    machine.crash();
    isDead = true;
    return new Promise(() => undefined);
  };
  const moment = stop.kind === "killed before an append" ? "beforeAppend" : "afterAppend";
  machine.disturb[moment] = die;
  await machine.until(() => isDead, WITHIN_MS);
  machine.disturb[moment] = () => undefined;
}

/** The number of the task that a step stands for. */
export function taskOf(step: string): number {
  return Number(step.slice(1));
}

function stepOf(task: number): string {
  return `t${task}`;
}

/** The plan as it would stand in a file, through the checks of every plan. A lost attempt is repeated at once. */
function definitionOf({ name, tasks }: Workflow, machine: Machine): PlanDefinition {
  const steps = tasks.map(({ parents }, task) => {
    const retry = { attempts: 9, delay: "1ms", backoff: "fixed", jitter: "none" };
    return [stepOf(task), { tool: TOOL, needs: parents.map(stepOf), idempotent: true, timeout: "7d", retry }] as const;
  });
  return checkedPlan({ plan: name, steps: Object.fromEntries(steps) }, { tools: machine.workshop().tools }).definition;
}

function startOf(machine: Machine, plan: PlanId): number {
  const started = recorded(machine, plan).find(({ type }) => type === "PlanStarted");
  if (started === undefined) throw new Error("the plan has not started");
  return started.origin.occurredAt;
}

function recorded(machine: Machine, plan: PlanId) {
  return eventsAt(machine.contents.streams.get(planStream(plan)) ?? []);
}
