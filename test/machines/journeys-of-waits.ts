// Lives of plans that are paused, that wait for signals and people, and whose steps race or answer for each other.
import { fact } from "#events/catalog.ts";
import type { AttemptOutcome } from "#events/commands.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Driver } from "./driver.ts";
import {
  approve,
  call,
  each,
  failed,
  ONCE,
  signal,
  succeeded,
  THRICE,
  tool,
  UNAVAILABLE,
  value,
  wait,
} from "./plans.ts";
import { Walk } from "./walk.ts";

const FAILURE: AttemptOutcome = { kind: "failed", error: UNAVAILABLE };
const SILENCE: AttemptOutcome = { kind: "timed-out" };

/** Wins every race against `a`, at once. */
const winner = value("b", 1);
const race = tool("z", { needs: ["a", "b"], join: { first: 1 } });
const looked = { verify: call({ tool: "test.look" }), done: "output == 1", output: "${output}" };
const verified = tool("a", { unknown: looked }, { idempotent: false });
const question = approve("a");
/** Keeps a plan alive that would end with step `a`. */
const meanwhile = tool("m");
const other = approve("q", { expiresMs: 1_000_000 });
const lead = approve("r", { role: "lead" });

/** Covered by approvals that did not know its arguments, and irreversible: it asks for itself. */
function asking(...questions: readonly StepDefinition[]): readonly StepDefinition[] {
  const needs = [...questions.map(({ id }) => id), "slow"];
  return [
    ...questions,
    tool("slow"),
    tool("a", { needs, irreversible: true }, { with: { x: "${steps.slow.output}" } }),
  ];
}

function ask(driver: Driver, ...questions: readonly StepDefinition[]): Walk {
  const walk = new Walk(driver).start(asking(...questions));
  const roles = ["lead"];
  for (const [place, { id: step }] of questions.entries()) {
    const hash = driver.state.steps[place]?.wait?.approval?.hash ?? "";
    driver.turn({ commands: [{ type: "DecideApproval", step, hash, verdict: "approved", by: "os:a", roles }] });
  }
  return walk.record(succeeded("slow")).turn();
}

type Journeys = Readonly<Record<string, (driver: Driver) => void>>;

const PAUSED: Journeys = {
  "a plan that is paused and resumed": (driver) =>
    new Walk(driver)
      .start([tool("a")])
      .pause()
      .resume(),
  "a plan that is cancelled while it is paused": (driver) =>
    new Walk(driver)
      .start([tool("a")])
      .pause()
      .cancel(),
  "a plan that is rolled back while it is paused": (driver) =>
    new Walk(driver)
      .start([tool("a")])
      .pause()
      .rollback(),
  "a signal for nobody, which expires": (driver) => new Walk(driver).start([meanwhile]).signal().later(60),
  "a signal for nobody in a pause, which expires": (driver) =>
    new Walk(driver).start([meanwhile]).pause().signal().later(60),
};

const WAITS: Journeys = {
  "a signal that comes early": (driver) =>
    new Walk(driver)
      .start([signal("a", "go", { needs: ["w"] }), wait("w", 10)])
      .signal()
      .later(10),
  "a signal that is waited for": (driver) => new Walk(driver).start([signal("a", "go")]).signal(),
  "a question that is approved": (driver) => new Walk(driver).start([question]).decide("approved"),
  "a question that is denied": (driver) => new Walk(driver).start([question]).decide("denied"),
  "a question that is denied, with a fallback": (driver) =>
    new Walk(driver).start([approve("a", { fallback: [{ value: 1 }] })]).decide("denied"),
  "a question that two people approve": (driver) =>
    new Walk(driver)
      .start([approve("a", { approvers: 2 })])
      .decide("approved")
      .decide("approved", "os:bob"),
  "a question that a revision changes": (driver) =>
    new Walk(driver)
      .start([question, tool("n", { needs: ["a"] })])
      .revise([question, tool("n", { needs: ["a"] }, { with: { x: 2 } })]),
  "a step that asks for itself": (driver) => ask(driver, other).decide("approved"),
  "a step that asks two roles for itself": (driver) => ask(driver, other, lead).decide("approved"),
};

const once = [tool("a")];
const STOPPED: AttemptOutcome = { kind: "cancelled" };

/** Somebody has something to say, whatever has become of the plan. */
const SAID: Journeys = {
  "a comment on a plan that runs, and on one that is cancelled": (driver) =>
    new Walk(driver).start(once).comment().cancel().comment().report(STOPPED).comment(),
  "a comment on a plan that is paused": (driver) => new Walk(driver).start(once).pause().comment(),
  "a comment on a plan that has failed": (driver) => new Walk(driver).start(once).report(FAILURE).comment(),
  "a comment on a plan that has succeeded": (driver) => new Walk(driver).start([value("a", 1)]).comment(),
  "a comment on a plan that is rolled back, and one afterwards": (driver) =>
    new Walk(driver).start(once).rollback().comment().report(STOPPED).comment(),
};

const RACES: Journeys = {
  "a step that has lost before it began": (driver) =>
    new Walk(driver).start([tool("a"), winner, race], undefined, 0).turn(),
  "a step that loses while it runs, and is stopped": (driver) =>
    new Walk(driver)
      .start([{ ...tool("a"), priority: 1 }, tool("b"), race])
      .record(succeeded("b"))
      .turn()
      .report({ kind: "cancelled" }),
  "a step that loses between two attempts": (driver) =>
    new Walk(driver)
      .start([{ ...tool("a"), retry: THRICE }, tool("b"), race])
      .report(FAILURE)
      .record(succeeded("b"))
      .turn(),
  "a step that loses while it waits": (driver) =>
    new Walk(driver)
      .start([wait("a", 1_000), tool("b"), race])
      .record(succeeded("b"))
      .turn(),
  "an each that loses, and ends when what runs inside has": (driver) =>
    new Walk(driver)
      .start([each("a", [1, 2], { steps: [tool("do")], concurrency: 1 }), tool("b"), race])
      .record(succeeded("b"))
      .turn()
      .record(fact("StepCancelled", { step: "a/0/do", attempt: 1 }))
      .turn(),
  ...Object.fromEntries(
    [FAILURE, SILENCE].map((outcome): [string, (driver: Driver) => void] => [
      `a step that loses while it runs, and ends otherwise: ${outcome.kind}`,
      (driver) =>
        new Walk(driver)
          .start([tool("a"), tool("b"), race])
          .record(succeeded("b"))
          .turn()
          .report(outcome),
    ]),
  ),
  "a step that loses while it runs, and is lost": (driver) =>
    new Walk(driver)
      .start([tool("a"), tool("b"), race])
      .record(succeeded("b"))
      .turn()
      .lose(),
};

const ANSWERS: Journeys = {
  "an unknown outcome that a tool finds done": (driver) =>
    new Walk(driver)
      .start([verified])
      .lose()
      .record(succeeded("a/0/verify", { output: { inline: 1 } }))
      .turn(),
  "an unknown outcome that a tool finds undone": (driver) =>
    new Walk(driver).start([verified]).lose().record(succeeded("a/0/verify")).turn(),
  "an unknown outcome that no tool can answer": (driver) =>
    new Walk(driver).start([verified]).lose().record(failed("a/0/verify")).turn(),
  "an unknown outcome that is taken back, after the last attempt": (driver) =>
    new Walk(driver)
      .start([
        tool("a", { unknown: "undo", undo: { call: call({ tool: "test.undo" }), retry: ONCE } }, { idempotent: false }),
      ])
      .lose()
      .record(succeeded("a/0/undo"))
      .turn(),
};

const revised = [tool("a"), tool("n")];

/** Falls back to a call that is never answered in time, and goes on afterwards. */
function again(driver: Driver, step: StepDefinition, failing: (walk: Walk) => Walk): Walk {
  const fallback = [{ ...tool("f").call, idempotent: true }];
  return failing(new Walk(driver).start([{ ...step, fallback }]))
    .turn()
    .report(SILENCE)
    .reopen()
    .turn();
}

const LATE: Journeys = {
  "a wait that begins anew while an attempt of its fallback reports": (driver) =>
    again(driver, question, (walk) => walk.decide("denied")).report(FAILURE),
  "an each that begins anew while an attempt of its fallback reports": (driver) =>
    again(driver, each("a", [1, 2], { steps: [tool("do")], concurrency: 1 }), (walk) =>
      walk.record(failed("a/0/do")),
    ).report(FAILURE),
};

const REVISED: Journeys = {
  "a plan that is revised while it runs": (driver) => new Walk(driver).start([tool("a")]).revise(revised),
  "a plan that is revised while it is paused": (driver) =>
    new Walk(driver)
      .start([tool("a")])
      .pause()
      .revise(revised),
  "a failed plan that is revised, and goes on": (driver) =>
    new Walk(driver)
      .start([tool("a")])
      .report(FAILURE)
      .revise(revised),
  "a cancelled plan that is revised, and goes on": (driver) =>
    new Walk(driver)
      .start([tool("a")])
      .cancel()
      .report({ kind: "cancelled" })
      .revise(revised),
  "a plan that was rolled back, is revised and goes on": (driver) =>
    new Walk(driver)
      .start([tool("a")])
      .report(FAILURE)
      .rollback()
      .revise(revised),
};

export const WAITING: Journeys = { ...REVISED, ...SAID, ...LATE, ...PAUSED, ...WAITS, ...RACES, ...ANSWERS };
