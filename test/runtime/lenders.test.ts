import { beforeEach, expect, it } from "vitest";
import { coordinatorId, executorId } from "#events/ids.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { PROTOCOL } from "#src/ports/bus.ts";
import { SILENT } from "#src/ports/log.ts";
import { Lenders } from "#src/runtime/lenders.ts";
import { SlotLedger } from "#src/runtime/slot-ledger.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

const id = coordinatorId.parse("coordinator-1");
const executor = executorId.parse("worker-1");
const nobody = { version: "2.0.0", wants: () => 0, onSlots: () => undefined, onGone: () => undefined };

let clock: VirtualClock;
let bus: MemoryBus;
let ledger: SlotLedger;
let warned: unknown[];

beforeEach(() => {
  [clock, bus, ledger, warned] = [new VirtualClock(), new MemoryBus(SILENT), new SlotLedger(), []];
});

function lendersOf(leaseMs: number): Lenders {
  const log = { ...SILENT, warn: (message: string, fields?: object) => void warned.push({ message, ...fields }) };
  return new Lenders({ context: { bus, clock, id, ledger, log }, leaseMs, ...nobody });
}

it("an executor that speaks another protocol lends nothing, which is explained once", async () => {
  using lenders = lendersOf(3_000);
  lenders.listen();
  const about = { protocol: PROTOCOL + 1, version: "3.0.0" };
  const offer = { kind: "offer", executor, number: 1, since: 1, heardAt: 1, slots: [1, 2], back: [], about } as const;
  for (const number of [1, 2, 3]) bus.toCoordinator(id, { ...offer, number });
  await clock.pass(10);
  expect(ledger.knows(executor)).toBe(false);
  expect(lenders.isLost(executor)).toBe(false);
  expect(warned).toEqual([
    {
      message: "an executor gets nothing to do: it speaks another protocol",
      executor,
      theirs: `release 3.0.0 speaks protocol ${PROTOCOL + 1}`,
      ours: PROTOCOL,
    },
  ]);
});

it("an executor that is silent is lost once it could be heard for a lease, also after this process stood still", async () => {
  using lenders = lendersOf(3_000);
  expect(lenders.isLost(executor)).toBe(false);
  await clock.pass(10_000);
  expect(lenders.isLost(executor)).toBe(false);
  lenders.listen();
  await clock.pass(2_999);
  expect(lenders.isLost(executor)).toBe(false);
  await clock.pass(1);
  expect(lenders.isLost(executor)).toBe(true);
  lenders.greetAll(500);
  expect(lenders.isLost(executor)).toBe(false);
  await clock.pass(500);
  expect(lenders.isLost(executor)).toBe(true);
});
