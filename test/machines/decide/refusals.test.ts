// Which command a plan takes in which of its states, and what it says to the others.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import type { Command } from "#events/commands.ts";
import { inline } from "#events/payload.ts";
import { decide } from "#machines/decide/decide.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { fold } from "#machines/fold.ts";
import { emptyState } from "#machines/state.ts";
import {
  cancelRequested,
  dispatched,
  EPOCH,
  failed,
  GIVEN_AT,
  NOW,
  PLAN,
  planFailed,
  planOf,
  started,
  succeeded,
  tool,
  UNAVAILABLE,
} from "../plans.ts";

const plan = planOf([tool("a"), tool("b", { needs: ["a"] })]);
const other = planOf([tool("a"), tool("c", { needs: ["a"] })]);
const begun = [...started(plan), dispatched("a")];
const ended = [...begun, failed("a"), planFailed(UNAVAILABLE, "a")];
const rollback = fact("PlanRollbackStarted", { epoch: EPOCH, cause: "requested", number: 1, irreversible: [] });

const lives = {
  nowhere: [],
  drafted: started(plan).slice(0, 1),
  running: begun,
  paused: [...begun, fact("PlanPaused", { epoch: EPOCH })],
  cancelling: [...begun, cancelRequested()],
  "rolling-back": [...ended, rollback],
  failed: ended,
  cancelled: [...started(plan), cancelRequested(), fact("PlanCancelled", { epoch: EPOCH })],
  succeeded: [...begun, succeeded("a"), dispatched("b"), succeeded("b"), fact("PlanSucceeded", { epoch: EPOCH })],
} satisfies Record<string, readonly Fact[]>;

const commands = {
  cancel: { type: "CancelPlan" },
  pause: { type: "PausePlan" },
  resume: { type: "ResumePlan" },
  reopen: { type: "ReopenPlan" },
  rollback: { type: "RollbackPlan" },
  revise: { type: "RevisePlan", definition: other, edition: 1 },
  signal: { type: "SendSignal", name: "go", payload: inline(null), by: "os:alice" },
  give: { type: "GiveOutcome", step: "b", outcome: { kind: "skipped" } },
} satisfies Record<string, Command>;

/** What each command leads to, life by life. */
const ANSWERS: Readonly<Record<string, Readonly<Record<keyof typeof lives, string>>>> = {
  cancel: {
    nowhere: "plan-unknown",
    drafted: "PlanCancelled",
    running: "PlanCancelRequested",
    paused: "PlanCancelRequested",
    cancelling: "duplicate",
    "rolling-back": "plan-ending",
    failed: "plan-ended",
    cancelled: "duplicate",
    succeeded: "plan-ended",
  },
  give: {
    nowhere: "plan-unknown",
    drafted: "plan-unknown",
    running: "StepOutcomeGiven",
    paused: "StepOutcomeGiven",
    cancelling: "plan-ending",
    "rolling-back": "plan-ending",
    failed: "PlanReopened StepOutcomeGiven",
    cancelled: "PlanReopened StepOutcomeGiven",
    succeeded: "plan-ended",
  },
  pause: {
    nowhere: "plan-unknown",
    drafted: "plan-unknown",
    running: "PlanPaused",
    paused: "duplicate",
    cancelling: "plan-ending",
    "rolling-back": "plan-ending",
    failed: "plan-ended",
    cancelled: "plan-ended",
    succeeded: "plan-ended",
  },
  reopen: {
    nowhere: "plan-unknown",
    drafted: "plan-unknown",
    running: "duplicate",
    paused: "duplicate",
    cancelling: "plan-ending",
    "rolling-back": "plan-ending",
    failed: "PlanReopened",
    cancelled: "PlanReopened",
    succeeded: "plan-ended",
  },
  resume: {
    nowhere: "plan-unknown",
    drafted: "plan-unknown",
    running: "duplicate",
    paused: "PlanResumed",
    cancelling: "plan-ending",
    "rolling-back": "plan-ending",
    failed: "plan-ended",
    cancelled: "plan-ended",
    succeeded: "plan-ended",
  },
  revise: {
    nowhere: "plan-unknown",
    drafted: "plan-unknown",
    running: "PlanRevised",
    paused: "PlanRevised",
    cancelling: "plan-ending",
    "rolling-back": "plan-ending",
    failed: "PlanRevised PlanReopened",
    cancelled: "PlanRevised PlanReopened",
    succeeded: "plan-ended",
  },
  rollback: {
    nowhere: "plan-unknown",
    drafted: "plan-unknown",
    running: "PlanRollbackStarted",
    paused: "PlanRollbackStarted",
    cancelling: "plan-ending",
    "rolling-back": "duplicate",
    failed: "PlanRollbackStarted",
    cancelled: "PlanRollbackStarted",
    succeeded: "PlanRollbackStarted",
  },
  signal: {
    nowhere: "plan-unknown",
    drafted: "plan-unknown",
    running: "SignalReceived",
    paused: "SignalReceived",
    cancelling: "plan-ending",
    "rolling-back": "plan-ending",
    failed: "plan-ended",
    cancelled: "plan-ended",
    succeeded: "plan-ended",
  },
};

function answerOf(command: Command, given: readonly Fact[]): Decision {
  const state = emptyState(PLAN);
  for (const fact of given) fold(state, { fact, at: GIVEN_AT });
  return decide(command, state, { now: NOW, epoch: EPOCH, random: () => 0.5 });
}

function said(command: Command, given: readonly Fact[]): string {
  const answer = answerOf(command, given);
  if (answer.kind === "rejected") return answer.code;
  return answer.kind === "accepted" ? answer.facts.map(({ type }) => type).join(" ") : answer.kind;
}

describe("a plan", () => {
  it.each(Object.entries(commands))("answers to %s by the state that it is in", (name, command) => {
    const answers = Object.fromEntries(Object.entries(lives).map(([life, given]) => [life, said(command, given)]));
    expect(answers).toEqual(ANSWERS[name]);
  });

  it("keeps the words of whoever asks with the fact, and nothing where nothing is said", () => {
    const note = "because";
    for (const [life, command] of [
      ["running", commands.cancel],
      ["running", commands.pause],
      ["paused", commands.resume],
      ["failed", commands.reopen],
      ["failed", commands.rollback],
      ["running", commands.revise],
      ["running", commands.give],
    ] as const) {
      expect(answerOf({ ...command, note }, lives[life])).toMatchObject({ facts: [{ data: { note } }] });
      const answer = answerOf(command, lives[life]);
      expect(answer.kind === "accepted" && answer.facts.some(({ data }) => "note" in data), command.type).toBe(false);
    }
  });

  it("has its whole time again when it is reopened, and its new deadline from its start when that is revised", () => {
    const timed = planOf([tool("a")], { deadlineMs: 50_000 });
    const over = [...started(timed), dispatched("a"), failed("a"), planFailed(UNAVAILABLE, "a")];
    expect(answerOf(commands.reopen, over)).toMatchObject({ facts: [{ data: { deadlineAt: NOW + 50_000 } }] });
    const definition = planOf([tool("a"), tool("b")], { deadlineMs: 90_000 });
    const revise = { type: "RevisePlan", definition, edition: 1 } as const;
    expect(answerOf(revise, started(timed))).toMatchObject({ facts: [{ data: { deadlineAt: GIVEN_AT + 90_000 } }] });
    const same = planOf([tool("a"), tool("b")], { deadlineMs: 50_000 });
    expect(answerOf({ ...revise, definition: same }, started(timed))).toMatchObject({
      facts: [{ data: { deadlineAt: GIVEN_AT + 50_000 } }],
    });
  });
});

describe("a signal", () => {
  const send = (name: string) => said({ ...commands.signal, name }, lives.running);

  it("has a name of 1 to 200 characters", () => {
    expect(send("")).toBe("bad-signal-name");
    expect(send("n")).toBe("SignalReceived");
    expect(send("n".repeat(200))).toBe("SignalReceived");
    expect(send("n".repeat(201))).toBe("bad-signal-name");
  });

  it("is kept for a week where its sender says nothing", () => {
    const week = 7 * 86_400_000;
    expect(answerOf(commands.signal, lives.running)).toMatchObject({ facts: [{ data: { expiresAt: NOW + week } }] });
  });
});
