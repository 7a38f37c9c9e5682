import { describe, expect, it } from "vitest";
import type { PlanId } from "#events/ids.ts";
import type { Engine } from "#src/api/engine.ts";
import { planOf, tool } from "../machines/plans.ts";
import { Machine } from "../runtime/kit.ts";

const BEGINNING = "01890000-0000-7000-8000-0000";

describe("a plan", () => {
  it("is found by its id, by its beginning, by its end, and as the last one", async () => {
    const { machine, engine, plans } = await started(`${BEGINNING}aaaa0001`, `01900000-0000-7000-8000-0000bbbb0002`);
    const find = (reference: string): Promise<PlanId> => machine.answer(engine.plans.find(reference));
    for (const plan of plans) expect(await find(plan)).toBe(plan);
    expect(await find("0189")).toBe(plans[0]);
    expect(await find("bbbb0002")).toBe(plans[1]);
    expect(await find("BBBB0002")).toBe(plans[1]);
    expect(await find(plans[0]!.toUpperCase())).toBe(plans[0]);
    expect(await find("last")).toBe(plans[1]);
  });

  it("is not guessed: an ambiguous reference names the candidates", async () => {
    const { machine, engine, plans } = await started(`${BEGINNING}aaaa0001`, `${BEGINNING}aaaa0002`);
    const finding = machine.answer(engine.plans.find(BEGINNING));
    await expect(finding).rejects.toMatchObject({
      code: "plan-ambiguous",
      details: { candidates: [plans[1], plans[0]] },
    });
  });

  it("is unknown when nothing matches, or too little is given", async () => {
    const { machine, engine } = await started(`${BEGINNING}aaaa0001`);
    for (const reference of ["ffff", "018", "", "aaaa"]) {
      await expect(machine.answer(engine.plans.find(reference)), reference).rejects.toMatchObject({
        code: "plan-unknown",
      });
    }
    const nobody = "01890000-0000-7000-8000-00000000dead" as PlanId;
    for (const ask of [() => engine.plans.state(nobody), () => engine.plans.history(nobody)]) {
      await expect(machine.answer<unknown>(ask())).rejects.toMatchObject({ code: "plan-unknown" });
    }
  });

  it("is unknown as the last one of an empty store", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    await expect(machine.answer(engine.plans.find("last"))).rejects.toMatchObject({ code: "plan-unknown" });
  });

  it("can be read at every revision, and its history is all of them", async () => {
    const { machine, engine, plans } = await started(`${BEGINNING}aaaa0001`);
    const plan = plans[0]!;
    const history = await machine.answer(engine.plans.history(plan));
    expect(history.map(({ event }) => event.revision)).toEqual(history.map((_, index) => index));
    expect(history.map(({ fact }) => fact.type)).toEqual(machine.facts(plan).map(({ type }) => type));
    for (const { event } of history) {
      expect((await machine.answer(engine.plans.state(plan, event.revision))).revision).toBe(event.revision);
    }
  });
});

async function started(...ids: string[]): Promise<{ machine: Machine; engine: Engine; plans: PlanId[] }> {
  const machine = new Machine();
  const engine = await machine.open();
  const plans: PlanId[] = [];
  for (const id of ids) {
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}, id as PlanId));
    await machine.settled(engine, plan);
    plans.push(plan);
  }
  return { machine, engine, plans };
}
