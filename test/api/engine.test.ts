import { describe, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import { planOf, THRICE, tool, value } from "../machines/plans.ts";
import { HOUR_MS, Machine, SECOND_MS, untilAborted } from "../runtime/kit.ts";

describe("an engine", () => {
  it("starts a plan once, however often it is asked with the same id", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const id = engine.newPlanId();
    const definition = planOf([tool("a")]);
    const answers = [engine.start(definition, {}, id), engine.start(definition, {}, id)];
    expect(await machine.answer(Promise.all(answers))).toEqual([id, id]);
    await machine.settled(engine, id);
    expect(await machine.answer(engine.start(definition, {}, id))).toBe(id);
    expect((await machine.settled(engine, id, SECOND_MS)).header.value).toBe("succeeded");
    expect(machine.calls).toHaveLength(1);
    expect(machine.factsOf(id, "PlanDrafted")).toHaveLength(1);
  });

  it("refuses a plan that cannot run, by its code, and keeps nothing of it", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const cyclic = planOf([value("a", 1, { needs: ["b"] }), value("b", 1, { needs: ["a"] })]);
    await expect(machine.answer(engine.start(cyclic, {}))).rejects.toMatchObject({ code: "cyclic-plan" });
    await machine.pass(SECOND_MS);
    expect(machine.contents.log).toHaveLength(0);
    expect(engine.load().livePlans).toBe(0);
  });

  it("records who asked, and that what follows is the system's", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    held.release();
    await machine.settled(engine, plan);
    expect(machine.tried.map(({ origin }) => origin.actor)).toEqual(["os:tester", "system"]);
    expect(machine.tried.map(({ origin }) => origin.correlation)).toEqual([plan, plan]);
  });

  it("aborts what runs when it is closed, and the next one goes on", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", ({ signal }) => untilAborted(signal));
    const plan = await machine.answer(engine.start(planOf([tool("a", { retry: THRICE })]), {}));
    await machine.until(() => machine.calls.length === 1);
    await machine.answer(engine[Symbol.asyncDispose]());
    expect(machine.calls[0]!.signal.aborted).toBe(true);
    expect(machine.story(plan).at(-1)).toBe("StepDispatched a");
    machine.on("a", () => "done");
    const second = await machine.open();
    second.resume(plan);
    expect((await machine.settled(second, plan)).header.value).toBe("succeeded");
  });

  it("takes nothing more when it is closed", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    await machine.answer(engine[Symbol.asyncDispose]());
    await expect(machine.answer(engine.start(planOf([tool("a")]), {}))).rejects.toMatchObject({ code: "stopping" });
    engine.resume(engine.newPlanId());
    await machine.pass(SECOND_MS);
    expect(machine.contents.log).toHaveLength(0);
    expect(engine.load().livePlans).toBe(0);
  });

  it("tells those who wait for an answer when it is closed while the store refuses", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.disturb.beforeAppend = () => {
      throw new Fault("store-full", "no space left", { retryable: true });
    };
    const starting = engine.start(planOf([tool("a")]), {});
    const told = starting.then(
      () => "answered",
      () => "told",
    );
    await machine.pass(SECOND_MS);
    await machine.answer(engine[Symbol.asyncDispose](), 10 * SECOND_MS);
    expect(await machine.answer(told, SECOND_MS)).toBe("told");
  });

  it("stops waiting for a plan when the caller's signal says so", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    const abort = new AbortController();
    const waiting = engine.settled(plan, abort.signal);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(engine.settled(plan, abort.signal)).rejects.toThrow("enough");
  });

  it("carries progress to whoever listens", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const heard: unknown[] = [];
    engine.onLive((message) => heard.push(message));
    machine.on("a", (_call, context) => {
      context.progress({ percent: 10, message: "begun" });
      return "done";
    });
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    await machine.settled(engine, plan);
    expect(heard).toMatchObject([{ plan, step: "a", attempt: 1, kind: "progress", percent: 10, message: "begun" }]);
  });
});

describe("plans that nobody has started or resumed here", () => {
  it("are answered, and start no step", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", ({ signal }) => untilAborted(signal));
    const definition = planOf([tool("a", { retry: THRICE }), tool("b", { needs: ["a"] })]);
    const plan = await machine.answer(engine.start(definition, {}));
    await machine.until(() => machine.calls.length === 1);
    machine.crash();
    const second = await machine.open();
    machine.on("a", () => "done");
    expect((await machine.answer(second.send(plan, { type: "PausePlan" }))).kind).toBe("accepted");
    expect((await machine.answer(second.send(plan, { type: "ResumePlan" }))).kind).toBe("accepted");
    await machine.pass(HOUR_MS);
    expect(machine.calls).toHaveLength(1);
    expect([second.isAdmitted(plan), second.moving()]).toEqual([false, []]);
    expect(second.head(plan)).toMatchObject({ name: definition.name, status: "running" });
    second.resume(plan);
    expect((await machine.settled(second, plan)).header.value).toBe("succeeded");
    expect(machine.callsOf("b")).toHaveLength(1);
    expect(second.isAdmitted(plan)).toBe(false);
  });

  it("have a workshop of their own where they were given one", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", ({ signal }) => untilAborted(signal));
    const plan = await machine.answer(engine.start(planOf([tool("a", { retry: THRICE })]), {}));
    await machine.until(() => machine.calls.length === 1);
    machine.crash();
    const second = await machine.open();
    const roots: string[] = [];
    machine.on("a", (_call, context) => {
      roots.push(context.roots.fs);
      return "done";
    });
    const workshop = { ...machine.workshop(), roots: { fs: "/elsewhere", allowPrivateNetwork: false } };
    second.resume(plan, workshop);
    await machine.settled(second, plan);
    const other = await machine.answer(second.start(planOf([tool("a")]), {}));
    await machine.settled(second, other);
    expect(roots).toEqual(["/elsewhere", "/nowhere"]);
  });
});

describe("an engine that waits until nothing moves", () => {
  it("is idle when its plans have ended, or only a person can bring them further", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    await machine.answer(engine.idle(new AbortController().signal));
    const held = machine.hold("a");
    const first = await machine.answer(engine.start(planOf([tool("a")]), {}));
    const second = await machine.answer(engine.start(planOf([tool("a")]), {}));
    expect(engine.moving().toSorted()).toEqual([first, second].toSorted());
    let isIdle = false;
    const idle = engine.idle(new AbortController().signal).then(() => (isIdle = true));
    await machine.pass(SECOND_MS);
    expect(isIdle).toBe(false);
    held.release();
    await machine.answer(idle);
    expect(engine.moving()).toEqual([]);
  });
});

describe("a plan that is cancelled", () => {
  it("aborts what runs, starts nothing new, and ends when its tools have answered", async () => {
    const machine = new Machine();
    const engine = await machine.open({ slots: 1 });
    machine.on("a", ({ signal }) => untilAborted(signal));
    const plan = await machine.answer(engine.start(planOf([tool("a"), tool("b")]), {}));
    await machine.until(() => machine.calls.length === 1);
    expect((await machine.answer(engine.send(plan, { type: "CancelPlan" }))).kind).toBe("accepted");
    expect((await machine.settled(engine, plan, SECOND_MS)).header.value).toBe("cancelled");
    expect(machine.story(plan).slice(2)).toEqual([
      "StepDispatched a",
      "PlanCancelRequested",
      "StepCancelled a",
      "PlanCancelled",
    ]);
  });
});

describe("a tool that never returns", () => {
  it("times out, and a late success is adopted while nothing newer was dispatched", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const held = machine.hold("a");
    const step = tool("a", {}, { idempotent: false, timeoutMs: SECOND_MS });
    const plan = await machine.answer(engine.start(planOf([step], { respond: "${steps.a.output}" }), {}));
    expect((await machine.settled(engine, plan)).unknown.size).toBe(1);
    await machine.pass(HOUR_MS);
    held.release("late");
    await machine.until(() => machine.isEnded(plan));
    expect(machine.story(plan).slice(2)).toEqual([
      "StepDispatched a",
      "StepTimedOut a",
      "StepLateReported a",
      "PlanSucceeded",
    ]);
    expect(machine.factsOf(plan, "StepLateReported")).toMatchObject([{ adopted: true, undoDue: false }]);
    expect((await machine.settled(engine, plan)).response).toEqual({ inline: "late" });
  });

  it("is retried when it is idempotent, and its late success is due for undo", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const first = Promise.withResolvers<string>();
    machine.on("a", () => (machine.callsOf("a").length === 1 ? first.promise : "second"));
    const plan = await machine.answer(
      engine.start(planOf([tool("a", { retry: THRICE }, { timeoutMs: SECOND_MS })]), {}),
    );
    await machine.settled(engine, plan);
    first.resolve("first");
    await machine.until(() => machine.factsOf(plan, "StepLateReported").length === 1);
    expect(machine.factsOf(plan, "StepLateReported")).toMatchObject([{ attempt: 1, adopted: false, undoDue: true }]);
    expect(machine.factsOf(plan, "StepSucceeded")).toMatchObject([{ attempt: 2, output: { inline: "second" } }]);
  });
});
