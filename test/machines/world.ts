// Random plans in a random world: executors that answer, fail, fall silent, answer late and twice; a clock that jumps;
// a person. All of it is a script of small numbers, so that a failing run shrinks and repeats.
import fc from "fast-check";
import type { Fact } from "#events/catalog.ts";
import type { AttemptOutcome, Command, CommandOf } from "#events/commands.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import { nextDueAt } from "#machines/advance.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { approvalsAmong, requestsAmong, type Review } from "#machines/reviews.ts";
import { isEnded, pathAt, type PlanState } from "#machines/state.ts";
import { Driver } from "./driver.ts";
import { tool } from "./plans.ts";
import { MAX_STEPS, plans, SIGNALS } from "./world-plans.ts";

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
    | "give"
    | "pause"
    | "resume"
    | "signal"
    | "approve"
    | "deny"
    | "object"
    | "withdraw"
    | "revise";
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

const PLAIN: readonly Move["kind"][] = [
  ...(["succeed", "succeed", "fail", "fail", "silent", "stop", "lose", "again", "again"] as const),
  ...(["resolve", "later", "due", "due", "cancel", "pause", "resume", "signal", "approve", "deny"] as const),
  ...(["approve", "object", "withdraw"] as const),
];
const TURBULENT: readonly Move["kind"][] = [
  ...PLAIN,
  ...PLAIN,
  "rollback",
  "rollback",
  "reopen",
  "reopen",
  "give",
  "revise",
  "revise",
];

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
    const command = nextToSettle(driver.state, (kind) => commandOf({ ...move, kind }, driver.state));
    if (command !== undefined) tell(command, MAX_STEPS);
    else {
      driver.now = Math.max(driver.now, nextDueAt(driver.state, driver.now) ?? 0);
      driver.turn({ slots: MAX_STEPS });
    }
  }
}

/** Whatever the plan waits for that comes from outside. */
function nextToSettle(state: PlanState, commandOf: (kind: Move["kind"]) => Command | undefined): Command | undefined {
  if (state.header.value === "paused") return { type: "ResumePlan" };
  const answer = commandOf("succeed") ?? commandOf("resolve") ?? commandOf("approve");
  if (answer !== undefined || !state.signals.isAwaited) return answer;
  return signalOf({ kind: "signal", pick: 3 * state.signals.count + 1, slots: 0 });
}

const TIME: ReadonlySet<Move["kind"]> = new Set(["later", "due"]);

function commandOf(move: Move, state: PlanState): Command | undefined {
  const known = COMMANDS[move.kind];
  if (known !== undefined) return known(move, state);
  return TIME.has(move.kind) ? undefined : aboutAttempt(move, state);
}

const COMMANDS: Partial<Record<Move["kind"], (move: Move, state: PlanState) => Command | undefined>> = {
  // Cancelling ends a story early: most worlds go on.
  cancel: ({ pick }) => (pick % 4 === 0 ? { type: "CancelPlan" } : undefined),
  resolve: resolution,
  reopen: () => ({ type: "ReopenPlan" }),
  rollback: rollbackOf,
  give: outcomeGiven,
  pause: () => ({ type: "PausePlan" }),
  resume: () => ({ type: "ResumePlan" }),
  signal: signalOf,
  revise: revisionOf,
  approve: verdictOf,
  deny: verdictOf,
  object: verdictOf,
  withdraw: verdictOf,
};

/** Takes a step away, adds one, or gives one other arguments. */
function revisionOf({ pick }: Move, state: PlanState): Command | undefined {
  const { definition } = state.drafted ?? {};
  if (definition === undefined) return undefined;
  const { edition } = state.header.context;
  const at = pick % definition.steps.length;
  const picked = definition.steps[at];
  const added = tool(`n${edition}`, { needs: pick % 2 === 0 && picked !== undefined ? [picked.id] : [] });
  const steps = definition.steps.flatMap((step, index): StepDefinition[] => {
    if (index !== at || pick % 4 === 0) return [step];
    if (step.kind === "tool") return [{ ...step, call: { ...step.call, with: { x: edition + pick } } }];
    return step.kind === "value" ? [{ ...step, value: edition }] : [step];
  });
  return { type: "RevisePlan", definition: { ...definition, steps: [...steps, added] }, edition };
}

function signalOf({ pick }: Move): Command {
  const name = SIGNALS[pick % SIGNALS.length] ?? "go";
  const id = pick % 3 === 0 ? { id: `signal-${pick}` } : {};
  return { type: "SendSignal", name, payload: inline(pick), by: "os:alice", expiresMs: 100 + pick * 40, ...id };
}

function verdictOf({ kind, pick }: Move, state: PlanState): Command | undefined {
  const asked = questionPicked(state, pick);
  if (asked === undefined) return undefined;
  const { index, hash, reviews } = asked;
  const [request] = pick % 2 === 0 && kind === "approve" ? requestsAmong(reviews) : [];
  // Who asks for changes takes that back sooner or later, and who has not approved yet does.
  const said =
    request === undefined
      ? { verdict: VERDICTS[kind] ?? "denied", by: speaker(kind, pick, reviews) }
      : takenBack(request);
  return { type: "DecideApproval", step: pathAt(state, index), hash, ...said, roles: [] };
}

function questionPicked(state: PlanState, pick: number) {
  const asking = [...state.asking];
  const index = asking[pick % Math.max(1, asking.length)] ?? -1;
  const { approval, reviews = [] } = state.steps[index]?.wait ?? {};
  return approval === undefined ? undefined : { index, hash: approval.hash, reviews };
}

const takenBack = ({ by }: Review) => ({ verdict: "withdrawn" as const, by });

function speaker(kind: Move["kind"], pick: number, reviews: readonly Review[]): string {
  const people = [0, 1, 2].map((number) => `os:person-${(number + pick) % 3}`);
  const [first = ""] = people;
  if (kind !== "approve") return first;
  return people.find((person) => !approvalsAmong(reviews).some(({ by }) => by === person)) ?? first;
}

const VERDICTS: Partial<Record<Move["kind"], CommandOf<"DecideApproval">["verdict"]>> = {
  approve: "approved",
  object: "changes-requested",
  withdraw: "withdrawn",
};

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
