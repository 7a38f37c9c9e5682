import { describe, expect, it } from "vitest";
import { examine } from "#src/api/examination.ts";
import { memoryBlobs } from "#src/blobs/memory.ts";
import type { PlanId } from "#events/ids.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { each, planOf, tool } from "../machines/plans.ts";
import { Machine } from "../runtime/kit.ts";
import { Process } from "#src/simulation/process.ts";

const LARGE = "z".repeat(50_000);

async function wide(machine: Machine): Promise<PlanId> {
  machine.on("all", ({ args }) => `${String((args as { index: number }).index)}${LARGE}`);
  const work = tool("do", {}, { with: { index: "${index}" } });
  const engine = await machine.open();
  const plan = await machine.answer(engine.start(planOf([each("all", [1, 2], { steps: [work] })]), {}));
  await machine.settled(engine, plan);
  return plan;
}

const examined = (machine: Machine) => {
  const clock = machine.world.clockOf(new Process("doctor"));
  const { events } = openMemory({ clock, contents: machine.contents });
  return examine({ events, blobs: memoryBlobs(machine.blobs) });
};

/** Refs of the parts of the list that the plan's `each` gave, and the list's own. */
function listOf(machine: Machine, plan: PlanId) {
  const output = machine.factsOf(plan, "StepSucceeded").at(-1)?.output;
  return output !== undefined && "list" in output ? output.list : undefined!;
}

describe("an examination", () => {
  it("counts every blob that facts cite, also those behind lists", async () => {
    const machine = new Machine();
    await wide(machine);
    expect(machine.blobs.size).toBe(3);
    expect(await examined(machine)).toMatchObject({ blobs: 3, problems: [], quarantined: [] });
  });

  it("names a blob behind a list that is missing or damaged, and the fact that cites it", async () => {
    const machine = new Machine();
    const plan = await wide(machine);
    const [gone, changed] = [...machine.blobs.keys()].filter((ref) => ref !== listOf(machine, plan));
    machine.blobs.delete(gone!);
    machine.blobs.set(changed!, { bytes: new Uint8Array(9), writtenAt: 0 });
    const { problems } = await examined(machine);
    expect(problems.map(({ code }) => code).sort()).toEqual(["blob-damaged", "blob-missing"]);
    expect(problems.find(({ code }) => code === "blob-missing")).toMatchObject({
      message: expect.stringContaining(gone!),
      revision: expect.any(Number),
    });
  });

  it("goes on where a list itself is missing", async () => {
    const machine = new Machine();
    const plan = await wide(machine);
    const list = listOf(machine, plan);
    machine.blobs.delete(list);
    const { events, problems } = await examined(machine);
    expect(problems).toMatchObject([{ code: "blob-missing", message: expect.stringContaining(list) }]);
    expect(events).toBe(machine.contents.log.length);
  });
});
