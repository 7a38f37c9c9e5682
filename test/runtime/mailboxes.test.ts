import { describe, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { MAX_MAILBOX } from "#src/runtime/limits.ts";
import { Mailbox, SYSTEM } from "#src/runtime/mailbox.ts";
import { planOf, tool, value } from "../machines/plans.ts";
import { Machine, SECOND_MS } from "./kit.ts";

const FULL = new Fault("store-full", "no space left", { retryable: true });
const CANCEL = { type: "CancelPlan" } as const;
const letter = (actor = "os:one") => ({
  command: CANCEL,
  sender: { ...SYSTEM, actor },
  answer: () => undefined,
  fail: () => undefined,
});

describe("a mailbox", () => {
  it("takes no more letters than its limit, those of the turn under way included", () => {
    const mailbox = new Mailbox();
    for (let index = 0; index < MAX_MAILBOX; index++) expect(mailbox.put(letter())).toBe(true);
    const taken = mailbox.take();
    expect(taken.length).toBeGreaterThan(0);
    expect(mailbox.put(letter())).toBe(false);
    mailbox.putBack(taken);
    expect(mailbox.size).toBe(MAX_MAILBOX);
    expect(mailbox.peak).toBe(MAX_MAILBOX);
    expect(mailbox.put(letter())).toBe(false);
  });

  it("has room again after a turn was answered", () => {
    const mailbox = new Mailbox();
    for (let index = 0; index < MAX_MAILBOX; index++) mailbox.put(letter());
    const taken = mailbox.take();
    mailbox.putBack([]);
    const again = taken.map(() => mailbox.put(letter()));
    expect(new Set(again)).toEqual(new Set([true]));
    expect(mailbox.put(letter())).toBe(false);
  });

  it("gives the letters of one actor at a time, in order", () => {
    const mailbox = new Mailbox();
    for (const actor of ["os:one", "os:one", "os:two", "os:one"]) mailbox.put(letter(actor));
    const turns: string[][] = [];
    while (mailbox.size > 0) {
      turns.push(mailbox.take().map(({ sender }) => sender.actor));
      mailbox.putBack([]);
    }
    expect(turns).toEqual([["os:one", "os:one"], ["os:two"], ["os:one"]]);
  });
});

describe("a flood", () => {
  it("of commands is refused beyond the limit, and the rest is answered", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    const asked = Array.from({ length: 3 * MAX_MAILBOX }, () => engine.send(plan, CANCEL));
    const peak = engine.load().mailboxPeak;
    const decisions = await machine.answer(Promise.all(asked));
    expect(peak).toBe(MAX_MAILBOX);
    const refused = decisions.filter((decision) => decision.kind === "rejected");
    expect(refused).toHaveLength(2 * MAX_MAILBOX);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["mailbox-full"]));
    expect(machine.factsOf(plan, "PlanCancelRequested")).toHaveLength(1);
    expect((await machine.answer(engine.send(plan, CANCEL))).kind).toBe("duplicate");
  });

  it("never passes the limit while turns fail and put their letters back", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    machine.disturb.beforeAppend = () => {
      throw FULL;
    };
    const answers: Promise<Decision>[] = [];
    for (let round = 0; round < 20; round++) {
      for (let index = 0; index < 200; index++) answers.push(engine.send(plan, CANCEL));
      await machine.pass(100);
    }
    expect(engine.load().mailboxPeak).toBe(MAX_MAILBOX);
    machine.disturb.beforeAppend = () => undefined;
    const decisions = await machine.answer(Promise.all(answers));
    expect(decisions.filter(({ kind }) => kind !== "rejected")).toHaveLength(MAX_MAILBOX);
  });

  it("leaves reports unacknowledged, and they come again", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    await machine.until(() => machine.calls.length === 1);
    machine.disturb.beforeAppend = () => {
      throw FULL;
    };
    const answers = Array.from({ length: 2 * MAX_MAILBOX }, () => engine.send(plan, CANCEL));
    await machine.pass(SECOND_MS);
    held.release();
    await machine.pass(2 * SECOND_MS);
    const reports = (): number => machine.sent.filter(({ message }) => message.kind === "report").length;
    expect(reports()).toBeGreaterThan(1);
    expect(machine.sentOf("acknowledged")).toEqual([]);
    machine.disturb.beforeAppend = () => undefined;
    await machine.answer(Promise.all(answers));
    await machine.until(() => machine.isEnded(plan));
    expect(machine.factsOf(plan, "StepSucceeded")).toHaveLength(1);
    await machine.pass(5 * SECOND_MS);
    const before = reports();
    await machine.pass(5 * SECOND_MS);
    expect(machine.sentOf("acknowledged").length).toBeGreaterThan(0);
    expect(reports()).toBe(before);
  });
});

describe("memory", () => {
  it("holds no actor after 1,000 plans have ended", { timeout: 60_000 }, async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 50 });
    const definition = planOf([tool("a"), value("b", "${steps.a.output}", { needs: ["a"] })]);
    const plans = await machine.answer(Promise.all(Array.from({ length: 1_000 }, () => engine.start(definition, {}))));
    await machine.until(() => plans.every((plan) => machine.isEnded(plan)));
    await machine.pass(1);
    expect(engine.load()).toEqual({ livePlans: 0, mailboxPeak: 0 });
  });

  it("holds no actor of a plan that does not exist", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const decision = await machine.answer(engine.send(engine.newPlanId(), CANCEL));
    expect(decision).toMatchObject({ kind: "rejected", code: "plan-unknown" });
    await machine.pass(1);
    expect(engine.load().livePlans).toBe(0);
  });
});
