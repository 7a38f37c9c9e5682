import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fact } from "../../examples/distributed/tour/facts.ts";
import { planId } from "#events/ids.ts";
import { partitionOf, planOfStream } from "#events/streams.ts";
import { openNatsLeases, type NatsLeases } from "#src/nats/leases.ts";
import { ownerIn, PARTITION } from "#src/ownership/lease-words.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { Effects } from "../crash/checkers/effects.ts";
import { Ledger } from "../crash/ledger.ts";
import { hasNats } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { Door } from "./door.ts";
import { Ear } from "./ear.ts";
import { Installation } from "./installation.ts";
import { LogWatch } from "./log-watch.ts";
import type { Member } from "./member.ts";
import { until } from "./until.ts";

// A coordinator that has plans under way is stopped for twice its lease, while another one is there; then it is continued.

const STOPPED_MS = 7_000;
/** 5 s where nothing else runs; tests run beside each other. */
const TAKEN_OVER_WITHIN_MS = 8_000;
const SLOW_MS = 120_000;
const WAIT_MS = 40_000;
const PLANS = 24;
const STEPS = 18;
const PARTITIONS_AGAIN = 64;
/** A lease that was changed is seen here so much later than a line that is written right after. */
const SEEN_WITHIN_MS = 50;

const steps = Array.from({ length: STEPS }, (_, index) => {
  const after = index === 0 ? "" : `after: "\${steps.s${index - 1}.output}", `;
  return `  s${index}: { tool: effects.again, with: { ${after}ms: 500 } }\n`;
});
const SOURCE = `plan: long\nsteps:\n${steps.join("")}respond: ended\n`;

interface ToldFact {
  readonly fact: Fact;
  readonly by: Member;
  readonly atMs: number;
}

requireServer("nats", hasNats)("a coordinator that stands still for longer than its lease", () => {
  const opened = new AsyncDisposableStack();
  const told: ToldFact[] = [];
  let installation: Installation;
  let watch: LogWatch;
  let ear: Ear;
  let late: { readonly member: Member; readonly id: string };
  let tookOverMs = Infinity;
  let continuedAt = Infinity;
  let ownedMeanwhile = NaN;

  /** Whose each partition is, as far as was seen. */
  const owners = new Map<number, string | undefined>();
  /** When the late one first took a partition after it went on. */
  const takenAgain = new Map<number, number>();

  const owned = (): number => [...owners.values()].filter((owner) => owner === late.id).length;

  /** Facts in the log when the late one went on: those that it had appended before it stood still may be told after that. */
  let appended: ReadonlySet<string> = new Set();

  /** Facts that the late one told of what it had not taken since it went on. */
  const toldLate = (): readonly ToldFact[] =>
    told.filter(({ fact, by, atMs }) => {
      if (atMs < continuedAt || by !== late.member || appended.has(`${fact.plan} ${fact.revision}`)) return false;
      return atMs < (takenAgain.get(partitionOf(planId.parse(fact.plan))) ?? Infinity) - SEEN_WITHIN_MS;
    });

  const followLeases = async (leases: NatsLeases, signal: AbortSignal): Promise<void> => {
    for await (const { key, value } of leases.watch(signal)) {
      if (!key.startsWith(PARTITION)) continue;
      const partition = Number.parseInt(key.slice(PARTITION.length), 16);
      const owner = ownerIn(value);
      const nowMs = systemClock.monotonic();
      owners.set(partition, owner);
      if (nowMs >= continuedAt && owner === late.id && !takenAgain.has(partition)) takenAgain.set(partition, nowMs);
    }
  };

  const take = (fact: Fact, by: Member): void => {
    told.push({ fact, by, atMs: systemClock.monotonic() });
  };

  /** What the one that is stopped had told of is its own. */
  const standStill = async (): Promise<void> => {
    const [member] = installation.of("coordinator");
    const mine = new Set(told.filter(({ by }) => by === member).map(({ fact }) => fact.plan));
    const id = ear.runs.find(({ plan }) => mine.has(plan))?.from;
    if (member === undefined || id === undefined) throw new Error("the first coordinator has no plan");
    late = { member, id };
    member.stop();
    const stoppedAt = systemClock.monotonic();
    const isTaken = ({ fact, by, atMs }: ToldFact): boolean => by !== member && atMs > stoppedAt && mine.has(fact.plan);
    await until("another goes on with its plans", WAIT_MS, () => told.some(isTaken));
    tookOverMs = (told.find(isTaken)?.atMs ?? Infinity) - stoppedAt;
    await until("it has stood still for long", WAIT_MS, () => systemClock.monotonic() - stoppedAt >= STOPPED_MS);
    ownedMeanwhile = owned();
    appended = new Set(watch.law.log.map(({ stream, revision }) => `${planOfStream(stream)} ${revision}`));
    continuedAt = systemClock.monotonic();
    member.goOn();
  };

  beforeAll(async () => {
    installation = opened.use(await Installation.start({ coordinators: 2, executors: 2, slots: 16, onFact: take }));
    watch = opened.use(new LogWatch(installation.log, installation.path));
    ear = opened.use(await Ear.open(installation.nats));
    const leases = opened.use(await openNatsLeases(ear.connection));
    const leaving = new AbortController();
    const following = followLeases(leases, leaving.signal);
    opened.defer(async () => {
      leaving.abort();
      await following;
    });
    const { client } = opened.use(await Door.open(installation.nats));
    await until("both coordinators own partitions", WAIT_MS, () => new Set(owners.values()).size === 2);
    await Promise.all(Array.from({ length: PLANS }, (_, n) => client.submit({ source: SOURCE, key: `k${n}` })));
    const tellers = (): number => new Set(told.map(({ by }) => by)).size;
    await until("both coordinators have plans under way", WAIT_MS, () => tellers() === 2 && ear.runs.length > PLANS);
    await standStill();
    await until("it owns partitions again", WAIT_MS, () => owned() >= PARTITIONS_AGAIN);
    await until("every plan has ended", WAIT_MS, () => {
      const stories = [...watch.law.stories.values()];
      return stories.length === PLANS && stories.every(({ isEnded }) => isEnded);
    });
  }, SLOW_MS);
  afterAll(() => opened.disposeAsync());

  it("is followed by another one within seconds, in everything that it owned", () => {
    expect(tookOverMs).toBeLessThan(TAKEN_OVER_WITHIN_MS);
    expect(ownedMeanwhile).toBe(0);
  });

  it("appends nothing and sends nothing for what it owned, when it goes on", () => {
    expect(toldLate()).toEqual([]);
    const newest = Math.max(...ear.runs.filter(({ atMs }) => atMs < continuedAt).map(({ epoch }) => epoch));
    const sent = ear.runs.filter(({ from, atMs }) => from === late.id && atMs >= continuedAt);
    expect(sent.filter(({ epoch }) => epoch <= newest)).toEqual([]);
    expect(watch.broken).toEqual([]);
  });

  it("works again, for plans that it owns anew", () => {
    expect(told.some(({ by, atMs }) => by === late.member && atMs > continuedAt)).toBe(true);
    expect(ear.runs.some(({ from, atMs }) => from === late.id && atMs > continuedAt)).toBe(true);
  });

  it("has cost no plan and no effect", async () => {
    const statuses = [...watch.law.stories.values()].map(({ status }) => status);
    expect(statuses).toEqual(Array(PLANS).fill("succeeded"));
    const ledger = new Ledger(installation.ledger);
    const effects = new Effects(watch.law, ledger);
    effects.check(ledger.refresh());
    effects.checkEnd();
    for (const member of [...installation.of("executor"), ...installation.of("coordinator")]) await member.leave();
  });
});
