import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fact } from "../../examples/distributed/tour/facts.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { hasNats } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { Door } from "./door.ts";
import { Installation } from "./installation.ts";
import { LogWatch } from "./log-watch.ts";
import type { Member } from "./member.ts";
import { skewedBy } from "./skew.ts";
import { until } from "./until.ts";

// Machines whose clocks are minutes apart, as processes whose clocks are; the timers of plans outlive the coordinator that set them.

const MINUTES: Readonly<Record<string, number>> = {
  "coordinator-1": 7,
  "coordinator-2": -6,
  "executor-1": -9,
  "executor-2": 11,
};
const SLOW_MS = 120_000;
const WAIT_MS = 40_000;
const PLANS = 16;
const NAP_MS = 8_000;
/** A handover and what the machine has to do beside it. */
const LATE_MS = 12_000;
const SOURCE = `plan: nap
deadline: 10m
steps:
  first: { tool: effects.again, with: { ms: 50 }, timeout: 1m }
  nap: { needs: [first], wait: 8s }
  flaky: { needs: [first], tool: effects.flaky, with: { failures: 1 }, retry: { attempts: 4, delay: 8s, jitter: none } }
  last: { needs: [nap, flaky], tool: effects.once, timeout: 1m }
respond: ended
`;

requireServer("nats", hasNats)("coordinators and executors whose clocks are minutes apart", () => {
  const opened = new AsyncDisposableStack();
  /** When a fact was told, by plan, step and type. */
  const toldAt = new Map<string, number>();
  const tellers = new Map<string, Set<Member>>();
  let installation: Installation;
  let watch: LogWatch;
  let killed: Member;

  const take = ({ plan, type, data }: Fact, by: Member): void => {
    tellers.set(plan, (tellers.get(plan) ?? new Set()).add(by));
    toldAt.set(`${plan} ${data.step ?? ""} ${type}`, systemClock.monotonic());
  };
  const plans = (): readonly string[] => [...tellers.keys()];
  /** Ms between two facts of a step, for each plan. */
  const between = (step: string, one: string, other: string): readonly number[] =>
    plans().map(
      (plan) => (toldAt.get(`${plan} ${step} ${other}`) ?? NaN) - (toldAt.get(`${plan} ${step} ${one}`) ?? NaN),
    );

  beforeAll(async () => {
    const envOf = (name: string) => skewedBy(MINUTES[name] ?? 0);
    installation = opened.use(
      await Installation.start({ coordinators: 2, executors: 2, slots: 16, envOf, onFact: take }),
    );
    watch = opened.use(new LogWatch(installation.log, installation.path));
    const { client } = opened.use(await Door.open(installation.nats));
    const [one, other] = installation.of("coordinator");
    if (one === undefined || other === undefined) throw new Error("there are two");
    await until("the clocks of both are known to be wrong", WAIT_MS, () =>
      [one, other].every(({ complaints }) => complaints.includes("the clock of this machine is")),
    );
    const submit = async (_: unknown, n: number) => client.submit({ source: SOURCE, key: `k${n}` });
    await Promise.all(Array.from({ length: PLANS }, submit));
    const told = (fact: string): number => plans().filter((plan) => toldAt.has(`${plan} ${fact}`)).length;
    const haveBegun = (): boolean => told("nap StepWaitStarted") === PLANS && told("flaky StepFailed") === PLANS;
    const isShared = (): boolean => new Set([...tellers.values()].flatMap((by) => [...by])).size === 2;
    // What the one that is killed has not told by then, nobody tells.
    await until("all plans nap and have failed once, at both coordinators", WAIT_MS, () => haveBegun() && isShared());
    // The one that is ahead: what it has set is due in thirteen minutes by the clock of the other.
    killed = one;
    await killed.kill();
    await until("every plan has ended", WAIT_MS, () => {
      const stories = [...watch.law.stories.values()];
      const haveEnded = stories.length === PLANS && stories.every(({ isEnded }) => isEnded);
      // What stands in the log is told a little later.
      return haveEnded && told("nap StepWaitEnded") === PLANS && told("flaky StepSucceeded") === PLANS;
    });
  }, SLOW_MS);
  afterAll(() => opened.disposeAsync());

  it("are told by how much, and by whose clock plans go", () => {
    const [one, other] = installation.of("coordinator");
    expect(one?.complaints).toMatch(
      /the clock of this machine is 7\.0 min ahead of that of nats:\S+; plans go by the server's/,
    );
    expect(other?.complaints).toMatch(/the clock of this machine is 6\.0 min behind that of nats:/);
  });

  it("bring every plan to its end, also those that another one had begun", () => {
    const stories = [...watch.law.stories.values()];
    expect(stories.map(({ status }) => status)).toEqual(Array(PLANS).fill("succeeded"));
    expect([...tellers.values()].filter((by) => by.has(killed) && by.size === 2).length).toBeGreaterThan(0);
    expect(watch.broken).toEqual([]);
  });

  it("wait for as long as was asked, whoever set the timer", () => {
    const waits = [
      ...between("nap", "StepWaitStarted", "StepWaitEnded"),
      ...between("flaky", "StepFailed", "StepSucceeded"),
    ];
    expect(waits).toHaveLength(2 * PLANS);
    for (const ms of waits) {
      expect(ms).toBeGreaterThan(NAP_MS - 500);
      expect(ms).toBeLessThan(NAP_MS + LATE_MS);
    }
  });

  it("write the same time into the log", () => {
    const times = watch.law.log.map(({ origin }) => origin.occurredAt);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(WAIT_MS + SLOW_MS);
    expect(Math.abs(Math.max(...times) - systemClock.now())).toBeLessThan(SLOW_MS);
  });

  it("lose no lease by it", () => {
    const [, other] = installation.of("coordinator");
    expect(other?.complaints).not.toContain("could not renew its lease");
  });
});
