// Short lives of plans, through commands and time alone, that together lead through every transition of both charts.
import { fact } from "#events/catalog.ts";
import type { AttemptOutcome } from "#events/commands.ts";
import { inline } from "#events/payload.ts";
import type { Driver } from "./driver.ts";
import { WAITING } from "./journeys-of-waits.ts";
import {
  call,
  dispatched,
  each,
  failed,
  INVALID,
  ONCE,
  planOf,
  started,
  succeeded,
  THRICE,
  tool,
  UNAVAILABLE,
  value,
  wait,
} from "./plans.ts";
import { Walk } from "./walk.ts";

const SUCCESS: AttemptOutcome = { kind: "succeeded", output: inline(1) };
const FAILURE: AttemptOutcome = { kind: "failed", error: UNAVAILABLE };
const HOPELESS: AttemptOutcome = { kind: "failed", error: INVALID };
const SILENCE: AttemptOutcome = { kind: "timed-out" };
const STOPPED: AttemptOutcome = { kind: "cancelled" };
const RETRY_MS = ONCE.delayMs;

/** An expression that has no value: the plan of a journey starts with an empty list. */
const NOTHING = "${inputs.list[0]}";

const once = tool("a");
const undoable = tool("a", { undo: { call: call({ tool: "test.undo" }), retry: ONCE } });
const all = each("a", [1, 2], { steps: [tool("do")], concurrency: 1 });
const patient = tool("a", { retry: THRICE });
const risky = tool("a", {}, { idempotent: false });
/** The undo call of `a` has come to its end. */
const undone = succeeded("undo:1/0/do");

/** Keeps a plan alive whose step `a` has ended. */
const meanwhile = tool("m");

const INSIDE: typeof JOURNEYS = {
  "an each over two items, one after the other": (driver) =>
    new Walk(driver).start([all]).record(succeeded("a/0/do")).turn().record(succeeded("a/1/do")).turn(),
  "an each that fails with its first item": (driver) => new Walk(driver).start([all]).record(failed("a/0/do")).turn(),
  "an each that fails and goes on with its fallback": (driver) =>
    new Walk(driver)
      .start([{ ...all, fallback: [{ value: 1 }] }])
      .record(failed("a/0/do"))
      .turn(),
  "an each whose deadline passes": (driver) => new Walk(driver).start([{ ...all, deadlineMs: 5 }]).later(5),
  "an each whose items are opened one by one": (driver) => {
    driver.record(...started(planOf([all])));
    new Walk(driver)
      .record(fact("StepExpanded", { step: "a", from: 0, to: 1, total: 2, items: inline([1, 2]) }))
      .record(dispatched("a/0/do"), succeeded("a/0/do"))
      .record(fact("StepWindowClosed", { step: "a", from: 0, to: 1, outputs: [] }))
      .record(fact("StepExpanded", { step: "a", from: 1, to: 2 }));
  },
};

const UNDONE: typeof JOURNEYS = {
  "a success that is rolled back": (driver) =>
    new Walk(driver).start([undoable]).report(SUCCESS).rollback().record(undone).turn(),
  "a rollback that fails, and another": (driver) =>
    new Walk(driver).start([undoable]).report(SUCCESS).rollback().record(failed("undo:1/0/do")).turn().rollback(),
  "a rollback with nothing to do, and another, and the plan goes on": (driver) =>
    new Walk(driver).start([once]).report(FAILURE).rollback().rollback().reopen(),
  "a plan that runs and is rolled back": (driver) => new Walk(driver).start([once]).rollback().report(STOPPED),
  "a cancelled plan that is rolled back": (driver) =>
    new Walk(driver).start([once]).cancel().report(STOPPED).rollback(),
  "a cancelled plan that goes on": (driver) => new Walk(driver).start([once]).cancel().report(STOPPED).reopen(),
  "a plan that rolls back when its deadline passes": (driver) =>
    new Walk(driver).start([once], 10, Infinity, "rollback").later(10).report(STOPPED),
  "a failed plan that goes on, and a late success answers": (driver) =>
    new Walk(driver).start([once]).report(SILENCE).reopen().report(SUCCESS),
  "a failed plan that goes on, and a late failure changes nothing": (driver) =>
    new Walk(driver).start([once]).report(SILENCE).reopen().report(FAILURE),
};

const GIVEN: typeof JOURNEYS = Object.fromEntries(
  (["done", "skipped"] as const).flatMap((kind): [string, (driver: Driver) => void][] => [
    [
      `a step that a person calls ${kind} before it starts`,
      (driver) => new Walk(driver).start([once, meanwhile], undefined, 0).give(kind),
    ],
    [`a retry that a person calls ${kind}`, (driver) => new Walk(driver).start([patient]).report(FAILURE).give(kind)],
    [`a wait that a person calls ${kind}`, (driver) => new Walk(driver).start([wait("a", 10)]).give(kind)],
    [`an unknown outcome that a person calls ${kind}`, (driver) => new Walk(driver).start([risky]).lose().give(kind)],
    [
      `a failure that a person calls ${kind}`,
      (driver) => new Walk(driver).start([once, meanwhile]).report(FAILURE).give(kind),
    ],
    [
      `an each that a person calls ${kind} while nothing runs inside`,
      (driver) => new Walk(driver).start([all, meanwhile], undefined, 0).give(kind),
    ],
    [
      `a silent attempt of a step that a person calls ${kind}, and reports late`,
      (driver) => new Walk(driver).start([risky, meanwhile]).lose().give(kind).report(FAILURE),
    ],
  ]),
);

export const JOURNEYS: Readonly<Record<string, (driver: Driver) => void>> = {
  "a value": (driver) => new Walk(driver).start([value("a", 1)]),
  "a failure for good": (driver) => new Walk(driver).start([once]).report(FAILURE),
  "a plan that succeeds, with a skipped step, and a late report after its end": (driver) =>
    new Walk(driver)
      .start([once, value("s", 1, { when: "false" })])
      .report(SUCCESS)
      .report(FAILURE),
  "a plan that is cancelled before it starts": (driver) => {
    driver.record(...started(planOf([once])).slice(0, 1));
    new Walk(driver).cancel();
  },
  "a plan that is cancelled while a step runs, which reports twice": (driver) =>
    new Walk(driver).start([once]).cancel().report(STOPPED).report(SUCCESS),
  "a plan whose deadline passes": (driver) => new Walk(driver).start([once], 10).later(10).report(SUCCESS),
  "a wait that ends": (driver) => new Walk(driver).start([wait("a", 10)]).later(10),
  "a wait that its deadline ends": (driver) => new Walk(driver).start([wait("a", 10, { deadlineMs: 5 })]).later(5),
  "a step whose deadline passes before it has a slot": (driver) =>
    new Walk(driver).start([tool("a", { deadlineMs: 5 })], undefined, 0).later(5),
  "arguments without a value": (driver) => new Walk(driver).start([tool("a", {}, { with: { x: NOTHING } })]),
  "arguments without a value, and fallbacks of which the second has one": (driver) =>
    new Walk(driver).start([tool("a", { fallback: [{ value: NOTHING }, { value: 1 }] }, { with: { x: NOTHING } })]),
  "a fallback without a value": (driver) =>
    new Walk(driver).start([tool("a", { fallback: [{ value: NOTHING }] })]).report(FAILURE),
  "a failure, a time-out and a success": (driver) =>
    new Walk(driver)
      .start([patient])
      .report(FAILURE)
      .later(RETRY_MS)
      .report(SILENCE, 2)
      .later(RETRY_MS)
      .report(SUCCESS, 3),
  "a retry that the step's deadline ends": (driver) =>
    new Walk(driver)
      .start([tool("a", { retry: THRICE, deadlineMs: 50 })])
      .report(FAILURE)
      .later(50),
  "a time-out for good, whose success comes late": (driver) =>
    new Walk(driver).start([once, meanwhile]).report(SILENCE).report(SUCCESS),
  "a loss for good, whose failure comes late": (driver) =>
    new Walk(driver).start([once, meanwhile]).lose().report(FAILURE),
  "a lost attempt whose success comes before the next": (driver) =>
    new Walk(driver).start([patient]).lose().report(SUCCESS),
  "a lost attempt whose failure comes before the next, and again while it runs": (driver) =>
    new Walk(driver).start([patient]).lose().report(FAILURE),
  "a lost attempt whose success comes while the next runs": (driver) =>
    new Walk(driver).start([patient]).lose().later(RETRY_MS).report(SUCCESS),
  "an unknown outcome that a late success answers": (driver) =>
    new Walk(driver).start([risky]).report(SILENCE).report(SUCCESS),
  "an unknown outcome that a stop does not answer, and a person does": (driver) =>
    new Walk(driver)
      .start([risky])
      .lose()
      .report(STOPPED)
      .resolve({ kind: "done", output: inline(1) }),
  "an attempt whose process died": (driver) => new Walk(driver).start([risky]).die(),
  "an unknown outcome that a person takes for a failure": (driver) =>
    new Walk(driver).start([risky]).lose().resolve({ kind: "fail" }),
  "an unknown outcome that a person tries again": (driver) =>
    new Walk(driver).start([risky]).lose().resolve({ kind: "retry" }).report(SUCCESS, 2),
  "an unknown outcome that a late failure answers": (driver) => new Walk(driver).start([risky]).lose().report(HOPELESS),
  "an unknown outcome whose late failure is tried again": (driver) =>
    new Walk(driver)
      .start([tool("a", { retry: THRICE }, { idempotent: false })])
      .lose()
      .report(FAILURE),
  ...WAITING,
  ...INSIDE,
  ...UNDONE,
  ...GIVEN,
};
