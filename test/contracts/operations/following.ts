import { describe, expect, it } from "vitest";
import type { Output } from "#src/api/client.ts";
import { type Doorway } from "./doorway.ts";

export function followingContract(door: Doorway): void {
  describe("following", () => {
    it("streams a plan's facts from the beginning and as they come, and from a position on", async () => {
      const name = door.fresh();
      const plan = await door.waitingAt(name);
      const stop = new AbortController();
      const seen: Output<"events">[] = [];
      for await (const fact of door.client.events({ plan }, { signal: stop.signal })) {
        seen.push(fact);
        if (fact.type === "StepDispatched") door.gates.open(name);
        if (fact.type === "PlanSucceeded") break;
      }
      expect(seen.map(({ revision }) => revision)).toEqual(seen.map((_, index) => index));
      expect(seen.every((fact) => fact.plan === plan)).toBe(true);
      const { facts } = await door.client.history({ plan });
      expect(seen).toEqual(facts);
      const third = seen[2]!;
      for await (const fact of door.client.events({ plan, after: third.position }, { signal: stop.signal })) {
        expect(fact.revision).toBe(3);
        break;
      }
      stop.abort();
    });

    it("streams what happens in tools right now", async () => {
      const name = door.fresh();
      const stop = new AbortController();
      const heard: Output<"live">[] = [];
      const listening = door.client.live({}, { signal: stop.signal })[Symbol.asyncIterator]();
      const first = listening.next();
      // The first facts of a plan that was started after the subscription prove that it stands.
      await door.client.status({});
      const plan = await door.waitingAt(name);
      const { value, done } = await first;
      if (done !== true) heard.push(value);
      expect(heard).toMatchObject([{ kind: "progress", plan, step: "wait", percent: 50, message: `at ${name}` }]);
      stop.abort();
      await door.client.cancel({ plan });
    });

    it("ends when whoever follows says so", async () => {
      const stop = new AbortController();
      const following = door.client.events({ after: (await door.client.status({})).head }, { signal: stop.signal });
      const next = following[Symbol.asyncIterator]().next();
      stop.abort();
      expect(await next).toMatchObject({ done: true });
    });
  });
}
