import { describe, expect, it } from "vitest";
import type { RecordedEvent } from "#events/envelope.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import { planStream } from "#events/streams.ts";
import { PLAN } from "../machines/plans.ts";
import { overfull, timings } from "./audit.ts";
import { Listener } from "./listener.ts";
import { Member } from "./member.ts";
import type { FaultRecord } from "./record.ts";
import { Told } from "./told.ts";

// What the audit looks at beyond the law and the effects is shown an offence, and names it.

const event = (position: number): RecordedEvent =>
  ({
    id: `e${position}`,
    position,
    stream: planStream(PLAN),
    revision: position,
    type: "StepSucceeded",
  }) as unknown as RecordedEvent;
const LOG = [event(0), event(7), event(9)];

async function listened(events: readonly RecordedEvent[]): Promise<Listener> {
  const listener = new Listener("facts", async function* (after) {
    for (const one of events) if (one.position > after) yield one as unknown as RecordedFact;
    await new Promise<void>((resolve) => setImmediate(resolve));
  });
  const { until } = await import("./until.ts");
  await until("it was told", 5_000, () => listener.connections > 1 || listener.failure !== undefined);
  await listener.leave();
  return listener;
}

function member(name: string): Member {
  const start = (): never => {
    throw new Error("nothing starts here");
  };
  return new Member({ name, role: "coordinator", start, onFact: () => undefined });
}

describe("a subscriber", () => {
  it("that was told the log is content", async () => {
    const listener = await listened(LOG);
    expect(() => listener.check(LOG)).not.toThrow();
  });

  it("names a fact that it was not told, and one that is not the log's", async () => {
    const short = await listened([event(0), event(9)]);
    expect(() => short.check(LOG)).toThrow("of 3 facts 2 were told, and fact 1 is not the log's");
    const wrong = await listened([event(0), event(8), event(9)]);
    expect(() => wrong.check(LOG)).toThrow("fact 1 is not the log's");
  });

  it("names a fact that came twice, or late", async () => {
    const twice = await listened([event(0), event(7), event(7)]);
    expect(() => twice.check(LOG)).toThrow("after position 7 came 7");
  });
});

describe("what coordinators told", () => {
  const fact = (revision: number) => ({ plan: PLAN, revision, type: "StepSucceeded", data: { step: "a", attempt: 1 } });

  it("is named where the log does not have it", () => {
    const told = new Told();
    for (const revision of [0, 7, 8]) told.take(fact(revision), member("coordinator-1"));
    expect(told.missing(LOG)).toEqual([`${PLAN} 8 StepSucceeded`]);
  });

  it("is named where two told it as their own", () => {
    const told = new Told();
    for (const name of ["coordinator-1", "coordinator-2"]) told.take(fact(7), member(name));
    expect(told.twice).toEqual([`${PLAN} 7 StepSucceeded`]);
  });
});

describe("the slots of an executor", () => {
  const entry = (step: string, what: "begun" | "done", at: number) => ({
    plan: PLAN,
    step,
    tool: "effects.again",
    what,
    at,
    pid: 1,
  });

  it("are not too few for what runs one after the other, and in other processes", () => {
    const one = [entry("a", "begun", 0), entry("a", "done", 5), entry("b", "begun", 5), entry("b", "done", 9)];
    expect(overfull(one, 1)).toEqual([]);
    expect(overfull([...one, ...one.map((line) => ({ ...line, pid: 2 }))], 1)).toEqual([]);
  });

  it("are too few for what runs at once", () => {
    const both = [entry("a", "begun", 0), entry("b", "begun", 4), entry("a", "done", 5), entry("b", "done", 9)];
    expect(overfull(both, 2)).toEqual([]);
    expect(overfull(both, 1)).toEqual(["2 at once in process 1"]);
  });
});

describe("times", () => {
  const fault = (backMs: number, wentOnMs: number | undefined): FaultRecord => ({
    ...{ kind: "kill", name: "coordinator-1", atMs: 0, before: 10, lowest: 0, backMs, wentOnMs },
  });
  const failed = (...faults: readonly FaultRecord[]): readonly string[] =>
    timings(faults).flatMap(({ claim, holds }) => (holds ? [] : [claim]));

  it("within five seconds are held, and longer ones named", () => {
    expect(failed(fault(5_000, 4_000), fault(0, undefined))).toEqual([]);
    expect(failed(fault(5_100, 4_000))).toEqual(["throughput is back within 5 s"]);
    expect(failed(fault(Infinity, 5_100))).toHaveLength(2);
  });
});
