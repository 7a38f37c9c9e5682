// Hazards of pauses, signals, approvals, races, and of answers to unknown outcomes.
import { inline } from "#events/payload.ts";
import type { Driver } from "../../machines/driver.ts";
import { approve, call, signal, succeeded, tool, value, wait } from "../../machines/plans.ts";
import { lose, now, START, start, type Scene } from "./scene.ts";

const race = tool("z", { needs: ["a", "b"], join: { first: 1 } });
const looked = { verify: call({ tool: "test.look" }), done: "output == 1", output: "${output}" };
const send = {
  type: "SendSignal",
  name: "go",
  payload: inline("now"),
  by: "os:alice",
  id: "s-1",
  expiresMs: 500,
} as const;
const covered = tool("p", { needs: ["q", "slow"], irreversible: true }, { with: { x: "${steps.slow.output}" } });

function approveQuestion(driver: Driver): void {
  const hash = driver.state.steps[0]?.wait?.approval?.hash ?? "";
  const word = {
    type: "DecideApproval",
    step: "q",
    hash,
    verdict: "approved",
    by: "os:alice",
    roles: ["editor"],
  } as const;
  driver.turn({ commands: [word] });
}

export const WAIT_SCENES: Readonly<Record<string, (driver: Driver) => Scene>> = {
  "pause-forgotten": (driver) => {
    start(driver, [wait("a", 1_000)], { deadlineMs: 5_000, pauseStopsClock: true });
    driver.turn({ commands: [{ type: "PausePlan", note: "the other side is down" }] });
    driver.now += 10_000;
    driver.turn({ commands: [{ type: "ResumePlan", note: "it is back" }] });
    return {
      claims: [
        { plan: "running" },
        { nextDueAt: START + 11_000, now: START + 10_000 },
        { read: "header.context.deadlineAt", is: START + 15_000 },
        { read: "data.note", revision: 3, is: "the other side is down" },
        { read: "data.epoch", revision: 3, is: 1 },
        { read: "data.note", revision: 4, is: "it is back" },
        { read: "data.epoch", revision: 4, is: 1 },
      ],
      ignored: [
        { field: "PlanResumed.shiftMs", as: 0, breaks: 1 },
        { field: "PlanPaused.note", as: "", breaks: 3 },
        { field: "PlanPaused.epoch", as: 9, breaks: 4 },
        { field: "PlanResumed.note", as: "", breaks: 5 },
        { field: "PlanResumed.epoch", as: 9, breaks: 6 },
      ],
    };
  },
  "signal-dropped": (driver) => {
    start(driver, [tool("a"), signal("s", "go", { needs: ["a"] }), tool("m")]);
    driver.turn({ commands: [send] });
    driver.turn({ commands: [{ ...send, name: "stop", id: "s-2" }] });
    driver.record(succeeded("a"));
    driver.turn();
    driver.now += 500;
    driver.turn();
    return {
      claims: [
        { step: "s", is: "succeeded" },
        { read: "steps.1.output.inline", is: "now" },
        { read: "steps.1.wait.signal", is: "go" },
        { command: send, now, answer: "duplicate" },
        { read: "data.by", revision: 4, is: "os:alice" },
        { read: "data.expiresAt", revision: 4, is: START + 500 },
        { read: "data.epoch", revision: 4, is: 1 },
        { read: "data.payload.inline", revision: 4, is: "now" },
        { read: "signals.kept.size", is: 0 },
        { read: "data.epoch", revision: 9, is: 1 },
      ],
      ignored: [
        { field: "SignalReceived.number", as: 7 },
        { field: "SignalReceived.name", as: "other" },
        { field: "SignalReceived.payload", as: { inline: null }, breaks: 7 },
        { field: "SignalReceived.by", as: "", breaks: 4 },
        { field: "SignalReceived.id", as: "s-9", breaks: 3 },
        { field: "SignalReceived.expiresAt", as: START + 900, breaks: 5 },
        { field: "SignalReceived.epoch", as: 9, breaks: 6 },
        { field: "StepWaitStarted.signal", as: "other" },
        { field: "StepWaitEnded.signal", as: 9 },
        { field: "StepWaitEnded.output", as: { inline: null }, breaks: 1 },
        { field: "SignalExpired.number", as: 9, breaks: 8 },
        { field: "SignalExpired.epoch", as: 9, breaks: 9 },
      ],
    };
  },
  "approved-unseen": (driver) => {
    start(driver, [approve("q", { role: "editor", show: "all of it" }), tool("slow"), covered]);
    const outdated = {
      type: "DecideApproval",
      step: "p",
      hash: "0",
      verdict: "approved",
      by: "os:bob",
      roles: ["editor"],
    } as const;
    approveQuestion(driver);
    driver.record(succeeded("slow"));
    driver.turn();
    const hash = driver.state.steps[2]?.wait?.approval?.hash ?? "";
    driver.turn({ commands: [{ ...outdated, hash }], slots: 0 });
    return {
      claims: [
        { step: "p", is: "between" },
        { read: "data.approval.role", revision: 2, is: "editor" },
        { read: "data.approval.show.inline", revision: 2, is: "all of it" },
        { read: "steps.2.approved.0.hash", is: hash },
        { command: { ...outdated, step: "q" }, now, answer: "rejected: approval-decided" },
      ],
      ignored: [
        { field: "StepWaitStarted.approval", as: { hash: "1", covers: [] }, breaks: 1 },
        { field: "StepWaitEnded.starts", as: false, breaks: 0 },
      ],
    };
  },
  "word-of-one-forgotten": (driver) => {
    start(driver, [approve("q", { approvers: 2 }), tool("m")]);
    const hash = driver.state.steps[0]?.wait?.approval?.hash ?? "";
    const word = { type: "DecideApproval", step: "q", hash, verdict: "approved", by: "os:alice", roles: [] } as const;
    driver.turn({ commands: [{ ...word, note: "fine by me" }] });
    driver.turn({ commands: [{ type: "CommentPlan", step: "q", text: "what does it cost?", by: "os:carol" }] });
    return {
      claims: [
        { step: "q", is: "waiting" },
        { command: word, now, answer: "duplicate" },
        { read: "steps.0.wait.reviews.0.note", is: "fine by me" },
        { read: "steps.0.wait.approval.approvers", is: 2 },
        { read: "comments.0", is: { by: "os:carol", at: START, text: "what does it cost?", about: "q", hash } },
        { read: "data.epoch", revision: 5, is: 1 },
      ],
      ignored: [
        { field: "StepReviewed.step", as: "m" },
        { field: "StepReviewed.hash", as: "0" },
        { field: "StepReviewed.by", as: "os:bob", breaks: 1 },
        { field: "StepReviewed.verdict", as: "withdrawn", breaks: 1 },
        { field: "StepReviewed.note", as: "", breaks: 2 },
        { field: "PlanCommented.text", as: "", breaks: 4 },
        { field: "PlanCommented.by", as: "", breaks: 4 },
        { field: "PlanCommented.about", as: "m", breaks: 4 },
        { field: "PlanCommented.hash", as: "0", breaks: 4 },
        { field: "PlanCommented.epoch", as: 9, breaks: 5 },
      ],
    };
  },
  "race-without-end": (driver) => {
    start(driver, [tool("a"), tool("b"), race]);
    driver.record(succeeded("b"));
    driver.turn();
    driver.turn({ commands: [lose] });
    return {
      claims: [
        { step: "a", is: "cancelled" },
        { read: "steps.0.givenUpFor", is: "z" },
      ],
      ignored: [
        { field: "StepCancelRequested.step", as: "b" },
        { field: "StepCancelRequested.because", as: "b", breaks: 1 },
        { field: "next.kind", as: "final", breaks: 0 },
      ],
    };
  },
  "outcome-answered-for-another": (driver) => {
    start(driver, [tool("a", { unknown: looked }, { idempotent: false }), value("v", 1)]);
    driver.turn({ commands: [lose] });
    driver.record(succeeded("a/0/verify", { output: inline(1) }));
    return {
      claims: [
        { read: "steps.0.answering", is: 1 },
        { advance: { slots: 0 }, now, answer: [{ type: "StepOutcomeResolved", data: { step: "a", attempt: 1 } }] },
      ],
      ignored: [{ field: "StepExpanded.answers", as: 9, breaks: 0 }],
    };
  },
};
