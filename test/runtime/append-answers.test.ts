import { describe, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import { planOf, tool } from "../machines/plans.ts";
import { Machine, SECOND_MS } from "./kit.ts";

const FULL = new Fault("store-full", "no space left", { retryable: true });
const UNKNOWN = new Fault("append-unknown", "no answer", { retryable: true });

describe("an append", () => {
  it("whose answer was lost is sent again as the identical batch, and leads to nothing twice", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    let lost = 3;
    machine.disturb.afterAppend = () => {
      if (lost-- > 0) throw UNKNOWN;
    };
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    await machine.settled(engine, plan);
    const [first, ...again] = machine.tried;
    expect(again.slice(0, 3)).toEqual([first, first, first]);
    expect(machine.story(plan)).toEqual([
      "PlanDrafted",
      "PlanStarted",
      "StepDispatched a",
      "StepSucceeded a",
      "PlanSucceeded",
    ]);
    expect(machine.calls).toHaveLength(1);
  });

  it("that a full disk refuses acknowledges nothing, and goes on when there is space again", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const troubles: (string | undefined)[] = [];
    engine.onTrouble((trouble) => troubles.push(trouble?.message));
    const held = machine.hold("a");
    const plan = await machine.answer(engine.start(planOf([tool("a"), tool("b", { needs: ["a"] })]), {}));
    await machine.until(() => machine.calls.length === 1);
    machine.disturb.beforeAppend = () => {
      throw FULL;
    };
    held.release();
    await machine.pass(60 * SECOND_MS);
    expect(machine.sentOf("acknowledged")).toEqual([]);
    expect(machine.callsOf("b")).toEqual([]);
    expect(machine.story(plan)).toHaveLength(3);
    expect(new Set(troubles)).toEqual(new Set(["no space left"]));
    machine.disturb.beforeAppend = () => undefined;
    expect((await machine.settled(engine, plan, 10 * SECOND_MS)).header.value).toBe("succeeded");
    expect(troubles.at(-1)).toBeUndefined();
    expect(machine.callsOf("a")).toHaveLength(1);
  });

  it("that is refused until the process stops tells who asked that it stops", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.disturb.beforeAppend = () => {
      throw FULL;
    };
    const asked = engine.start(planOf([tool("a")]), {}).catch((error: unknown) => error);
    await machine.pass(SECOND_MS);
    const closed = engine[Symbol.asyncDispose]();
    expect(await machine.answer(asked)).toMatchObject({ code: "stopping", retryable: true });
    machine.disturb.beforeAppend = () => undefined;
    await machine.answer(closed);
  });

  it("that fails for good is not tried for ever: its plan is quarantined and others go on", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const plan = await machine.answer(engine.start(planOf([tool("a"), tool("b", { needs: ["a"] })]), {}));
    machine.disturb.beforeAppend = ({ stream }) => {
      if (stream.endsWith(plan)) throw new Fault("store-damaged", "a page is torn");
    };
    await machine.until(() => engine.quarantined().length > 0);
    const other = await machine.answer(engine.start(planOf([tool("c")]), {}));
    expect((await machine.settled(engine, other)).header.value).toBe("succeeded");
    expect(engine.quarantined()[0]).toMatchObject({ plan, code: "store-damaged" });
  });
});
