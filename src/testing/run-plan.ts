import { Fault } from "#events/fault.ts";
import type { Fact } from "#events/catalog.ts";
import type { PlanDefinition } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import type { PlanId } from "#events/ids.ts";
import type { Json, JsonObject } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import type { PlanStateName } from "#machines/plan-chart.ts";
import { isEnded, planStateOf, type PlanView } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";
import { selectWaiting, type Explanation } from "#projections/why.ts";
import type { PlanReader } from "#src/api/plan-reader.ts";
import { toolRegistry } from "#src/all-tools.ts";
import type { PlanLibrary } from "#src/language/called-plans.ts";
import { checkedPlan, type WrittenPlan } from "#src/testing/checked-plan.ts";
import { openMemoryEngine, type EngineSurroundings, type MemoryEngine } from "#src/testing/memory-engine.ts";
import { OutsideWork } from "#src/testing/outside-work.ts";
import { Person, type Refusal, type Words } from "#src/testing/person.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";
import type { Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";

// A plan from beginning to end in one call: the real engine over a store and a bus in memory, in virtual time.
//
// E1. Nothing is simplified but the ports: coordinator, executor, log and law are those that run in production.
// E2. It ends when the plan has ended, or when nothing is left that would bring it further; `waiting` then says why.

export interface RunOptions extends EngineSurroundings, Words {
  /** Tools beside the built-in ones; one with the name of a built-in takes its place. */
  readonly tools?: readonly Tool[];
  /** The time of the run. Default: `virtualClock()`. */
  readonly clock?: VirtualClock;
  readonly inputs?: JsonObject;
  /** Where plans are found that are called: `folderLibrary([…])`. */
  readonly library?: PlanLibrary;
  /** Things that may happen before the run counts as endless. Default: a million. */
  readonly maxSteps?: number;
}

export interface PlanRun {
  readonly plan: PlanId;
  readonly definition: PlanDefinition;
  /** What the plan is at the end: `succeeded`, `failed`, …; `running` where it waits for somebody. */
  readonly outcome: PlanStateName;
  readonly outputs?: Json;
  readonly response?: Json;
  readonly error?: ErrorInfo;
  /** What every step that has not ended waits for, at most a hundred of them. */
  readonly waiting: readonly Explanation[];
  /** What was said to the plan, and refused. */
  readonly refused: readonly Refusal[];
  readonly facts: readonly Fact[];
  readonly state: PlanView;
  /** Virtual milliseconds from the plan's start to the end of the run. */
  readonly elapsedMs: number;
  /** Reads the plan as it was at any revision. */
  readonly plans: PlanReader;
  /** What a step gave, by its path; undefined while it has given nothing. Fault: `unknown-step`. */
  output(step: string): Promise<Json | undefined>;
}

const MAX_STEPS = 1_000_000;
const MAX_WAITING = 100;

/** A clock for `runPlan`, which passes over idle time. `startAt`: in ms since the epoch. */
export function virtualClock(options: { readonly startAt?: number } = {}): VirtualClock {
  return new VirtualClock({ ...options, background: "coalesced" });
}

/** Runs a plan: its text, what `definePlan` gives, or its definition. Faults: `plan-invalid`, `inputs-invalid` (with all findings), `run-endless`. */
export async function runPlan(source: WrittenPlan | PlanDefinition, options: RunOptions = {}): Promise<PlanRun> {
  const { clock = virtualClock(), maxSteps = MAX_STEPS } = options;
  const outside = new OutsideWork(clock);
  const known = toolRegistry(options.tools);
  const { definition, inputs } = checkedPlan(source, { ...options, tools: known });
  const tools = registry(outside.holding(known.list()));
  const opened = await openMemoryEngine(clock, { ...options, tools });
  const { engine } = opened;
  const person = new Person(engine, clock, options);
  const plan = engine.newPlanId();
  engine.onFacts((_plan, facts) => {
    outside.follow(facts);
    person.follow(plan, facts);
  });
  const run = async (): Promise<number> => {
    const startedAtMs = clock.elapsedMs;
    await clock.answer(engine.start(definition, inputs, plan), { maxSteps });
    person.begin(plan);
    await toTheEnd(plan, opened, { clock, person, maxSteps });
    return clock.elapsedMs - startedAtMs;
  };
  const elapsedMs = await run().finally(async () => {
    using closing = new DisposableStack();
    closing.use(outside.closing());
    await clock.answer(engine[Symbol.asyncDispose]());
  });
  return { ...(await reported(plan, opened.reader())), plan, definition, refused: person.refused, elapsedMs };
}

interface Bounds {
  readonly clock: VirtualClock;
  readonly person: Person;
  readonly maxSteps: number;
}

/** Lets time pass until the plan has ended, or nothing happens any more. Faults: `run-endless`, `plan-quarantined`. */
async function toTheEnd(plan: PlanId, { engine }: MemoryEngine, { clock, person, maxSteps }: Bounds): Promise<void> {
  const stopped = new AbortController();
  const lastStep = clock.steps + maxSteps;
  let [hasEnded, hasFailed] = [false, false];
  const look = (state: PlanView): void => void (hasEnded = isEnded(state));
  engine.onFacts((_plan, _facts, state) => look(state));
  const failed = new Promise<never>((_, reject) => {
    engine.settled(plan, stopped.signal).then(look, (error: unknown) => {
      hasFailed = true;
      if (!stopped.signal.aborted) reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
  const isOver = clock.runUntil(() => hasFailed || (hasEnded && person.isDone), { maxSteps });
  const ended = await Promise.race([isOver, failed]);
  stopped.abort();
  if (ended || clock.steps < lastStep) return;
  throw new Fault("run-endless", `the plan has not ended after ${maxSteps} things have happened`);
}

type Reported = Omit<PlanRun, "plan" | "definition" | "refused" | "elapsedMs">;

async function reported(plan: PlanId, plans: PlanReader): Promise<Reported> {
  const state = await plans.state(plan);
  const history = await plans.history(plan);
  const value = async (name: string, source: Payload | undefined): Promise<Readonly<Record<string, Json>>> => {
    return source === undefined ? {} : { [name]: await plans.value(source) };
  };
  return {
    outcome: planStateOf(state),
    ...(await value("outputs", state.outputs)),
    ...(await value("response", state.response)),
    ...(state.error === undefined ? {} : { error: state.error }),
    waiting: isEnded(state) ? [] : selectWaiting(state, MAX_WAITING),
    facts: history.map(({ fact }) => fact),
    state,
    plans,
    output: async (step) => {
      const found = findStep(state, step);
      if (found === undefined) throw new Fault("unknown-step", `plan ${plan} has no step ${step}`);
      const { output } = found.record;
      return output === undefined ? undefined : plans.value(output);
    },
  };
}
