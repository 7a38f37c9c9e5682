import { expect, it } from "vitest";
import { SILENT, type Log } from "#src/ports/log.ts";
import { saidWhenSlow } from "#src/ports/slow-work.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

function slow() {
  const clock = new VirtualClock();
  const said: unknown[] = [];
  const log: Log = { ...SILENT, warn: (message, fields) => void said.push([message, fields]) };
  const work = Promise.withResolvers<string>();
  const result = saidWhenSlow({ what: "the door is closed", clock, log, fields: { door: 1 } }, () => work.promise);
  return { clock, said, work, result };
}

it("says once what has not come about for 5 s, and gives what the work gives", async () => {
  const { clock, said, work, result } = slow();
  await clock.pass(4_999);
  expect(said).toEqual([]);
  await clock.pass(60_000);
  expect(said).toEqual([["it takes more than 5 s until the door is closed", { door: 1 }]]);
  work.resolve("closed");
  expect(await result).toBe("closed");
});

it("says nothing of what ends in time, however it ends", async () => {
  const { clock, said, work, result } = slow();
  work.reject(new Error("it is stuck"));
  await expect(result).rejects.toThrow("it is stuck");
  await clock.pass(60_000);
  expect(said).toEqual([]);
});
