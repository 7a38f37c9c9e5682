// Random plans in a random world: executors that answer, fail, fall silent, answer late and twice; a clock that jumps;
// a person. All of it is a script of small numbers, so that a failing run shrinks and repeats.
import fc from "fast-check";
import type { Fact } from "#events/catalog.ts";
import type { AttemptOutcome, Command, CommandOf } from "#events/commands.ts";
import type { Alternative, PlanDefinition, StepDefinition } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import { nextDueAt } from "#machines/advance.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { isEnded, type PlanState } from "#machines/state.ts";
import { Driver } from "./driver.ts";
import { call, ONCE, planOf, tool, value, wait } from "./plans.ts";

const MAX_STEPS = 8;
const MAX_MOVES = 40;
/** Turns in which the rest of a plan ends once every executor answers; more is a plan that hangs. */
const MAX_TURNS_TO_END = 400;

interface Move {
  readonly kind: "succeed" | "fail" | "silent" | "stop" | "lose" | "again" | "resolve" | "later" | "due" | "cancel";
  /** Which of the attempts or steps that the move could be about. */
  readonly pick: number;
  readonly slots: number;
}

export interface World {
  readonly plan: PlanDefinition;
  readonly moves: readonly Move[];
}

export type Report = CommandOf<"ReportAttempt">;
type Answered = (report: Report, decision: Decision, state: PlanState) => void;

/** An expression that has no value in any world. */
const NOTHING = "${inputs.list[0]}";

const alternatives: fc.Arbitrary<Alternative> = fc.oneof(
  fc.boolean().map((idempotent) => call({ idempotent, timeoutMs: 1_000 })),
  fc.constantFrom({ value: 1 }, { value: NOTHING }),
);

const shapes = fc.record({
  kind: fc.constantFrom("tool" as const, "tool" as const, "value" as const, "wait" as const),
  needs: fc.nat({ max: 255 }),
  join: fc.constantFrom("all" as const, "any" as const),
  when: fc.constantFrom(undefined, undefined, undefined, "true", "false", "inputs.list[0] == 1"),
  deadlineMs: fc.constantFrom(undefined, undefined, 400, 9_000),
  fallback: fc.array(alternatives, { maxLength: 2 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  idempotent: fc.boolean(),
  unknown: fc.constantFrom("ask" as const, "retry" as const),
  hasValue: fc.integer({ min: 0, max: 4 }),
});
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

const plans = fc
  .record({
    shapes: fc.array(shapes, { minLength: 1, maxLength: MAX_STEPS }),
    onFailure: fc.constantFrom("stop" as const, "continue" as const, "continue" as const),
    deadlineMs: fc.constantFrom(undefined, undefined, undefined, 5_000),
  })
  .map((source) =>
    planOf(source.shapes.map(stepOf), {
      onFailure: source.onFailure,
      ...(source.deadlineMs === undefined ? {} : { deadlineMs: source.deadlineMs }),
    }),
  );

const moves = fc.array(
  fc.record({
    kind: fc.constantFrom<Move["kind"]>(
      ...(["succeed", "succeed", "fail", "fail", "silent", "stop", "lose", "again", "again"] as const),
      ...(["resolve", "later", "due", "due", "cancel"] as const),
    ),
    pick: fc.nat({ max: 20 }),
    slots: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: MAX_MOVES },
);

export const worlds: fc.Arbitrary<World> = fc.record({ plan: plans, moves });

export interface Watch {
  readonly onFold?: (fact: Fact, state: PlanState) => void;
  readonly onAnswer?: Answered;
}

/** Runs a world to the end of its plan. */
export function live({ plan, moves: script }: World, watch: Watch = {}): Driver {
  const driver = new Driver({ random: () => 0.5, ...(watch.onFold === undefined ? {} : { onFold: watch.onFold }) });
  const tell = (command: Command, slots: number): void => {
    const [decision] = driver.turn({ commands: [command], slots });
    if (command.type === "ReportAttempt" && decision !== undefined) watch.onAnswer?.(command, decision, driver.state);
  };
  tell({ type: "StartPlan", definition: plan, inputs: { list: [] } }, 1);
  for (const move of script) {
    if (move.kind === "later") driver.now += 50;
    else if (move.kind === "due") driver.now = Math.max(driver.now, nextDueAt(driver.state, driver.now) ?? 0);
    const command = commandOf(move, driver.state);
    if (command === undefined) driver.turn({ slots: move.slots });
    else tell(command, move.slots);
  }
  settle(driver, tell);
  return driver;
}

/** From here on everything answers: a plan that does not end now hangs. */
function settle(driver: Driver, tell: (command: Command, slots: number) => void): void {
  for (let turn = 0; !isEnded(driver.state); turn++) {
    if (turn > MAX_TURNS_TO_END) throw new Error("the plan does not end");
    const move = { pick: 0, slots: MAX_STEPS };
    const command =
      commandOf({ ...move, kind: "succeed" }, driver.state) ?? commandOf({ ...move, kind: "resolve" }, driver.state);
    if (command !== undefined) tell(command, MAX_STEPS);
    else {
      driver.now = Math.max(driver.now, nextDueAt(driver.state, driver.now) ?? 0);
      driver.turn({ slots: MAX_STEPS });
    }
  }
}

const TIME: ReadonlySet<Move["kind"]> = new Set(["later", "due"]);

function commandOf(move: Move, state: PlanState): Command | undefined {
  // Cancelling ends a story early: most worlds go on.
  if (move.kind === "cancel") return move.pick % 4 === 0 ? { type: "CancelPlan" } : undefined;
  if (move.kind === "resolve") return resolution(move, state);
  return TIME.has(move.kind) ? undefined : aboutAttempt(move, state);
}

function aboutAttempt({ kind, pick }: Move, state: PlanState): Command | undefined {
  const attempts = attemptsOf(state, kind !== "again");
  const picked = attempts[pick % Math.max(1, attempts.length)];
  if (picked === undefined) return undefined;
  const { outcome: _, ...attempt } = picked;
  if (kind === "lose") return { ...attempt, type: "LoseAttempt" };
  return { ...attempt, outcome: outcomeOf(kind === "again" ? AGAIN[pick % 3] : kind, pick) };
}

const AGAIN = ["succeed", "fail", "stop"] as const;

function outcomeOf(kind: Move["kind"] | undefined, pick: number): AttemptOutcome {
  if (kind === "fail") {
    const category = (["unavailable", "validation", "rate-limited"] as const)[pick % 3] ?? "unavailable";
    return { kind: "failed", error: errorOf(category, "failed", "failed") };
  }
  if (kind === "silent") return { kind: "timed-out" };
  return kind === "stop" ? { kind: "cancelled" } : { kind: "succeeded", output: inline(pick) };
}

function resolution({ pick }: Move, state: PlanState): Command | undefined {
  const options = [{ kind: "done", output: inline(pick) }, { kind: "retry" }, { kind: "fail" }] as const;
  const step = [...state.unknown].map((index) => state.drafted?.definition.steps[index]?.id)[0];
  return step === undefined ? undefined : { type: "ResolveOutcome", step, resolution: options[pick % 3] ?? options[0] };
}

/** Attempts in flight, or all that ever were. */
function attemptsOf(state: PlanState, inFlight: boolean): Report[] {
  return state.steps.flatMap(({ attempts }, index) => {
    const step = state.drafted?.definition.steps[index]?.id ?? "";
    return attempts
      .filter(({ result }) => result === "running" || !inFlight)
      .map(({ attempt, executor }): Report => {
        return { type: "ReportAttempt", step, attempt, executor, outcome: { kind: "timed-out" } };
      });
  });
}

function stepOf(shape: Shape, index: number): StepDefinition {
  const id = `s${index}`;
  const needs = Array.from({ length: index }, (_, need) => need)
    .filter((need) => (shape.needs >> need) & 1 && (shape.needs + need) % 3 > 0)
    .map((need) => `s${need}`);
  const { join, when, deadlineMs, fallback } = shape;
  const common = {
    needs,
    join,
    fallback,
    ...(when === undefined ? {} : { when }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  };
  const template = shape.hasValue === 0 ? NOTHING : 1;
  switch (shape.kind) {
    case "tool": {
      const retry = { ...ONCE, attempts: shape.attempts, on: { validation: {} } };
      const { idempotent, unknown } = shape;
      return tool(id, { ...common, retry, unknown }, { idempotent, timeoutMs: 1_000, with: { x: template } });
    }
    case "value":
      return value(id, template, common);
    case "wait":
      return wait(id, 300, common);
  }
}
