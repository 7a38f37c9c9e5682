// Random plans in a random world: executors that answer, fail, fall silent, answer late and twice; a clock that jumps;
// a person. All of it is a script of small numbers, so that a failing run shrinks and repeats.
import fc from "fast-check";
import type { Fact } from "#events/catalog.ts";
import type { AttemptOutcome, Command, CommandOf } from "#events/commands.ts";
import { calledPlan, type Alternative, type PlanDefinition, type StepDefinition } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import { nextDueAt } from "#machines/advance.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { isEnded, pathAt, type PlanState } from "#machines/state.ts";
import { Driver } from "./driver.ts";
import { call, calling, each, ONCE, planOf, repeat, tool, value, wait } from "./plans.ts";

const MAX_STEPS = 8;
const MAX_MOVES = 40;
/** Turns in which the rest of a plan ends once every executor answers; more is a plan that hangs. */
const MAX_TURNS_TO_END = 400;

interface Move {
  readonly kind:
    | "succeed"
    | "fail"
    | "silent"
    | "stop"
    | "lose"
    | "again"
    | "resolve"
    | "later"
    | "due"
    | "cancel"
    | "rollback"
    | "reopen"
    | "give";
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

const simple = fc.record({
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
  hasUndo: fc.boolean(),
});
type Simple = typeof simple extends fc.Arbitrary<infer T> ? T : never;

/** A step with steps inside: the shape says when it starts and what follows, the inside what it does. */
interface Inside {
  readonly kind: "each" | "repeat" | "call";
  readonly shapes: readonly Shape[];
  readonly count: number;
  readonly concurrency: number;
  readonly tolerated: number;
}

type Shape = Simple & { readonly inside: Inside | undefined };

/** Most steps of one block inside of another, and how deep blocks stand in each other. */
const MAX_STEPS_INSIDE = 3;
const MAX_DEPTH = 2;

function shapesAt(depth: number): fc.Arbitrary<Shape> {
  if (depth === 0) return simple.map((shape) => ({ ...shape, inside: undefined }));
  const inside = fc.record({
    kind: fc.constantFrom("each" as const, "repeat" as const, "call" as const),
    shapes: fc.array(shapesAt(depth - 1), { minLength: 1, maxLength: MAX_STEPS_INSIDE }),
    count: fc.integer({ min: 0, max: 3 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
    tolerated: fc.integer({ min: 0, max: 2 }),
  });
  const maybe = fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: inside });
  return fc.tuple(simple, maybe).map(([shape, within]) => ({ ...shape, inside: within }));
}

const shapes = shapesAt(MAX_DEPTH);

const plans = fc
  .record({
    shapes: fc.array(shapes, { minLength: 1, maxLength: MAX_STEPS }),
    onFailure: fc.constantFrom("stop" as const, "continue" as const, "continue" as const, "rollback" as const),
    deadlineMs: fc.constantFrom(undefined, undefined, undefined, 5_000),
  })
  .map((source) =>
    planOf(
      source.shapes.map((shape, index) => stepOf(shape, `s${index}`, index)),
      {
        onFailure: source.onFailure,
        calls: callsOf(source.shapes),
        ...(source.deadlineMs === undefined ? {} : { deadlineMs: source.deadlineMs }),
      },
    ),
  );

const PLAIN: readonly Move["kind"][] = [
  ...(["succeed", "succeed", "fail", "fail", "silent", "stop", "lose", "again", "again"] as const),
  ...(["resolve", "later", "due", "due", "cancel"] as const),
];
const TURBULENT: readonly Move["kind"][] = [...PLAIN, ...PLAIN, "rollback", "rollback", "reopen", "reopen", "give"];

const movesOf = (kinds: readonly Move["kind"][]): fc.Arbitrary<readonly Move[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      pick: fc.nat({ max: 20 }),
      slots: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: MAX_MOVES },
  );

/** Plans that end once. */
export const worlds: fc.Arbitrary<World> = fc.record({ plan: plans, moves: movesOf(PLAIN) });

/** Plans that are rolled back and reopened, before and after they have ended, and whose steps people decide. */
export const turbulentWorlds: fc.Arbitrary<World> = fc.record({ plan: plans, moves: movesOf(TURBULENT) });

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
  if (move.kind === "reopen") return { type: "ReopenPlan" };
  if (move.kind === "rollback") return rollbackOf(move, state);
  if (move.kind === "give") return outcomeGiven(move, state);
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

function rollbackOf({ pick }: Move, state: PlanState): Command {
  const ids = state.drafted?.definition.steps.map(({ id }) => id) ?? [];
  const id = ids[pick % Math.max(1, ids.length)];
  const part = id === undefined || pick % 3 === 0 ? {} : pick % 3 === 1 ? { from: id } : { to: id };
  return { type: "RollbackPlan", acceptIrreversible: true, ...part };
}

function outcomeGiven({ pick }: Move, state: PlanState): Command | undefined {
  const steps = state.steps.flatMap((record, index) => (record === undefined ? [] : [pathAt(state, index)]));
  const step = steps[pick % Math.max(1, steps.length)];
  const outcome = pick % 2 === 0 ? { kind: "skipped" as const } : { kind: "done" as const, output: inline(pick) };
  return step === undefined ? undefined : { type: "GiveOutcome", step, outcome };
}

function resolution({ pick }: Move, state: PlanState): Command | undefined {
  const options = [{ kind: "done", output: inline(pick) }, { kind: "retry" }, { kind: "fail" }] as const;
  const step = [...state.unknown].map((index) => pathAt(state, index))[0];
  return step === undefined ? undefined : { type: "ResolveOutcome", step, resolution: options[pick % 3] ?? options[0] };
}

/** Attempts in flight, or all that ever were. */
function attemptsOf(state: PlanState, inFlight: boolean): Report[] {
  return state.steps.flatMap((record, index) => {
    if (record === undefined) return [];
    const step = pathAt(state, index);
    return record.attempts
      .filter(({ result }) => result === "running" || !inFlight)
      .map(({ attempt, executor }): Report => {
        return { type: "ReportAttempt", step, attempt, executor, outcome: { kind: "timed-out" } };
      });
  });
}

function stepOf(shape: Shape, id: string, index: number): StepDefinition {
  const needs = Array.from({ length: index }, (_, need) => need)
    .filter((need) => (shape.needs >> need) & 1 && (shape.needs + need) % 3 > 0)
    .map((need) => `${id.slice(0, -String(index).length)}${need}`);
  const { join, when, deadlineMs, fallback } = shape;
  const common = {
    needs,
    join,
    fallback,
    ...(when === undefined ? {} : { when }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  };
  const template = shape.hasValue === 0 ? NOTHING : 1;
  if (shape.inside !== undefined) return insideOf(id, shape.inside, common);
  switch (shape.kind) {
    case "tool": {
      const retry = { ...ONCE, attempts: shape.attempts, on: { validation: {} } };
      const { idempotent, unknown, hasUndo } = shape;
      const undo = hasUndo
        ? { undo: { call: call({ tool: "test.undo", with: { of: "${output}" } }), retry: ONCE } }
        : {};
      return tool(id, { ...common, retry, unknown, ...undo }, { idempotent, timeoutMs: 1_000, with: { x: template } });
    }
    case "value":
      return value(id, template, common);
    case "wait":
      return wait(id, 300, common);
  }
}

type CommonFields = NonNullable<Parameters<typeof wait>[2]>;

/** Steps inside have the name of the outer one in theirs, so that no name is there twice. */
function insideOf(id: string, { kind, shapes: inner, count, concurrency, tolerated }: Inside, common: CommonFields) {
  const body = inner.map((shape, index) => stepOf(shape, `${id}x${index}`, index));
  switch (kind) {
    case "each":
      return each(id, [1, 2, 3].slice(0, count), {
        ...common,
        steps: body,
        concurrency,
        tolerate: { count: tolerated },
      });
    case "repeat":
      return repeat(id, `index >= ${count - 1}`, { ...common, steps: body, max: 3 });
    case "call":
      return calling(id, id, common);
  }
}

/** The plans that the calls of a plan call, each by the name of its step. */
function callsOf(all: readonly Shape[], prefix = "s"): NonNullable<PlanDefinition["calls"]> {
  const found = all.map(({ inside }, index) => {
    if (inside === undefined) return {};
    const id = `${prefix}${index}`;
    const within = callsOf(inside.shapes, `${id}x`);
    if (inside.kind !== "call") return within;
    const steps = inside.shapes.map((shape, inner) => stepOf(shape, `${id}x${inner}`, inner));
    const plan = calledPlan.parse({ name: id, steps, onFailure: inside.tolerated > 0 ? "continue" : "stop" });
    return { ...within, [id]: plan };
  });
  return Object.assign({}, ...found) as NonNullable<PlanDefinition["calls"]>;
}
