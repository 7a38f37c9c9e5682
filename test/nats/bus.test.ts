import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { coordinatorId, executorId, planId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import type { Report } from "#src/ports/bus.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import { NatsBus } from "#src/nats/bus.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { partitionToken } from "#src/nats/subjects.ts";
import { busContract } from "../contracts/bus.ts";
import { requireServer } from "../require.ts";
import { hasNats, NatsServer } from "./server.ts";

const WORKER = executorId.parse("worker-1.incarnation");
const COORDINATOR = coordinatorId.parse("coordinator-1");
const OTHER = coordinatorId.parse("coordinator-2");
const OFFER = { kind: "offer" as const, executor: WORKER, since: 1, heardAt: 1, slots: [], back: [] };
const PLAN = planId.parse("0197c3a0-1111-7222-8333-444455556666");
const PARTITION = partitionToken(partitionOf(PLAN));
const REPORT: Report = {
  kind: "report",
  executor: WORKER,
  key: { plan: PLAN, step: "a", attempt: 1, epoch: 1, edition: 1 },
  outcome: { kind: "succeeded", output: { n: 1 } },
  durationMs: 5,
};

requireServer("nats", hasNats)("the bus on NATS", () => {
  let server: NatsServer;
  let namespaces = 0;
  const open: (NatsBus | NatsConnection)[] = [];
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
    await server.begin();
  });
  const connect = async (namespace: string, log: Log = SILENT): Promise<NatsConnection> => {
    const connection = await server.connect({ namespace, log });
    open.push(connection);
    return connection;
  };
  const busOn = (connection: NatsConnection): NatsBus => {
    const bus = new NatsBus(connection, { name: "test", incarnation: `${open.length}` });
    open.push(bus);
    return bus;
  };
  const settled = async (): Promise<void> => {
    for (const round of [1, 2]) await Promise.all(open.map((one) => one.flush().then(() => round)));
  };

  busContract(async () => {
    const namespace = `u${++namespaces}`;
    return {
      open: async () => busOn(await connect(namespace)),
      settle: settled,
      [Symbol.asyncDispose]: async () => {},
    };
  });

  it("speaks CloudEvents 1.0 in JSON, on subjects that name the sender", async () => {
    const namespace = `u${++namespaces}`;
    const raw = await connect(namespace);
    const heard: { subject: string; event: { id: string } }[] = [];
    raw.listen(`planwright.${namespace}.>`, {
      handler: ({ subject, data }) =>
        heard.push({ subject, event: JSON.parse(Buffer.from(data).toString()) as { id: string } }),
    });
    const bus = busOn(await connect(namespace));
    await settled();
    bus.toOwner(REPORT);
    bus.toOwner(REPORT);
    await settled();
    const event = {
      specversion: "1.0",
      id: expect.any(String) as string,
      source: `/planwright/${namespace}/test`,
      type: "planwright.report",
      datacontenttype: "application/json",
      data: REPORT,
    };
    const subject = `planwright.${namespace}.report.${PARTITION}.worker-1.incarnation`;
    expect(heard).toEqual([
      { subject, event },
      { subject, event },
    ]);
    expect(new Set(heard.map(({ event }) => event.id)).size).toBe(2);
  });

  it("reads events of other writers, whatever the order and the space in them", async () => {
    const namespace = `u${++namespaces}`;
    const raw = await connect(namespace);
    const bus = busOn(await connect(namespace));
    const heard: Report[] = [];
    bus.onPartition(partitionOf(PLAN), (report) => heard.push(report));
    await settled();
    const event = { specversion: "1.0", id: "1", source: "/x", type: "planwright.report" };
    const texts = [
      JSON.stringify({ data: REPORT, ...event }),
      JSON.stringify({ ...event, data: REPORT, time: "2026-01-01T00:00:00Z" }),
      JSON.stringify({ ...event, data: REPORT }, null, 2),
    ];
    for (const text of texts)
      raw.publish(`planwright.${namespace}.report.${PARTITION}.worker-1.incarnation`, Buffer.from(text));
    await settled();
    expect(heard).toEqual([REPORT, REPORT, REPORT]);
    expect(bus.dropped).toBe(0);
  });

  it("drops and counts what is no message or contradicts its subject, and says so once in a while", async () => {
    const namespace = `u${++namespaces}`;
    const raw = await connect(namespace);
    const warnings: unknown[] = [];
    const bus = busOn(await connect(namespace, { ...SILENT, warn: (...line) => warnings.push(line) }));
    const heard: unknown[] = [];
    bus.onPartition(partitionOf(PLAN), (message) => heard.push(message));
    bus.onCoordinator(COORDINATOR, (message) => heard.push(message));
    bus.onExecutor(WORKER, (message) => heard.push(message));
    bus.onLive((message) => heard.push(message));
    await settled();
    const event = (data: unknown): string =>
      JSON.stringify({ specversion: "1.0", id: "1", source: "/x", type: "planwright.x", data });
    const pulse = { kind: "alive", executor: WORKER };
    const elsewhere = (partitionOf(PLAN) + 1) % 256;
    bus.onPartition(elsewhere, (message) => heard.push(message));
    await settled();
    const bad: readonly (readonly [string, string])[] = [
      [`report.${PARTITION}.worker-1.incarnation`, "no JSON"],
      [`report.${PARTITION}.worker-1.incarnation`, ""],
      [`report.${PARTITION}.worker-1.incarnation`, event({ ...REPORT, key: { ...REPORT.key, attempt: 0 } })],
      [`report.${PARTITION}.worker-2.incarnation`, event({ ...REPORT, outcome: { kind: "failed" } })],
      [`report.${PARTITION}.worker-1.incarnation`, event(pulse)],
      [`report.${PARTITION}.worker-2.incarnation`, event(REPORT)],
      [`report.${PARTITION}.worker-1.another`, event(REPORT)],
      [`report.${partitionToken(elsewhere)}.worker-1.incarnation`, event(REPORT)],
      ["pulse.worker-2.incarnation", event(pulse)],
      ["pulse.worker-1.incarnation", event(REPORT)],
      ["offer.coordinator-1.-.worker-1.incarnation", event(pulse)],
      ["command.worker-1.incarnation", event({ kind: "run" })],
      [`live.${PLAN}.worker-1.incarnation`, event({ plan: "0197c3a0-1111-7222-8333-000000000000", step: "a" })],
      [`live.${PLAN}.worker-1.incarnation`, "}{"],
    ];
    for (const [subject, text] of bad) raw.publish(`planwright.${namespace}.${subject}`, Buffer.from(text));
    raw.publish(`planwright.${namespace}.pulse.worker-1.incarnation`, Buffer.from(event(pulse)));
    await settled();
    await settled();
    expect(heard).toEqual([pulse]);
    expect(bus.dropped).toBe(bad.length);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject([
      "a message was dropped",
      { subject: expect.stringContaining(PARTITION) as string },
    ]);
  });

  it("sends of the offers that one turn makes to a coordinator the newest, and those of other turns and to others as well", async () => {
    const namespace = `u${++namespaces}`;
    const [executor, one, other] = [await connect(namespace), await connect(namespace), await connect(namespace)].map(
      busOn,
    );
    const heard: string[] = [];
    one!.onCoordinator(COORDINATOR, (message) => heard.push(`one ${message.kind === "offer" ? message.number : ""}`));
    other!.onCoordinator(OTHER, (message) => heard.push(`other ${message.kind === "offer" ? message.number : ""}`));
    await settled();
    const offer = (number: number) => ({ ...OFFER, number, slots: [number] });
    for (const number of [1, 2, 4]) executor!.toCoordinator(COORDINATOR, offer(number));
    executor!.toCoordinator(OTHER, offer(3));
    await settled();
    executor!.toCoordinator(COORDINATOR, offer(5));
    await settled();
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(["one 4", "one 5", "other 3"]));
  });

  it("hands on a report that cannot be read as the failure of its attempt, where that can be told", async () => {
    const namespace = `u${++namespaces}`;
    const raw = await connect(namespace);
    const bus = busOn(await connect(namespace));
    const heard: Report[] = [];
    bus.onPartition(partitionOf(PLAN), (report) => heard.push(report));
    await settled();
    const attributes = { specversion: "1.0", id: "1", source: "/x", type: "planwright.report" };
    const event = (data: unknown): string => JSON.stringify({ ...attributes, data });
    const failed = { ...REPORT, outcome: { kind: "failed", error: { category: "lost", code: "x", message: "" } } };
    for (const text of [
      JSON.stringify(REPORT),
      event(failed),
      event(REPORT).replace('{"n":1}', "NaN"),
      event({ ...REPORT, outcome: { kind: "done" } }),
    ])
      raw.publish(`planwright.${namespace}.report.${PARTITION}.worker-1.incarnation`, Buffer.from(text));
    await settled();
    const told = heard.map(({ key, outcome, saidKind }) => ({ key, ...outcome, saidKind }));
    const unreadable = { key: REPORT.key, kind: "failed", error: { category: "bug", code: "report-malformed" } };
    expect(told).toMatchObject([
      { ...unreadable, isSilent: true, saidKind: "succeeded" },
      { ...unreadable, saidKind: "failed" },
      { ...unreadable, isSilent: true, saidKind: "succeeded" },
      { ...unreadable, isSilent: true, saidKind: undefined },
    ]);
    expect(told[1]).not.toHaveProperty("isSilent");
    expect(told[1]).toMatchObject({ error: { message: expect.stringContaining("outcome.error.category") as string } });
    expect(bus.dropped).toBe(4);
  });

  it("loses what is sent while the server is away, and goes on when it is back", async () => {
    const namespace = `u${++namespaces}`;
    const [one, other] = [await connect(namespace), await connect(namespace)];
    const [worker, owner] = [busOn(one), busOn(other)];
    const heard: number[] = [];
    owner.onPartition(partitionOf(PLAN), ({ durationMs }) => heard.push(durationMs));
    await settled();
    worker.toOwner({ ...REPORT, durationMs: 1 });
    await settled();
    const returned = [one, other].map((connection) => new Promise<void>((resolve) => connection.onReturn(resolve)));
    await server.stop("SIGKILL");
    await vi.waitUntil(() => !one.isConnected && !other.isConnected);
    worker.toOwner({ ...REPORT, durationMs: 2 });
    await server.begin();
    await Promise.all(returned);
    await settled();
    worker.toOwner({ ...REPORT, durationMs: 3 });
    await settled();
    expect(heard).toEqual([1, 3]);
  });

  it("carries a message over the server's limit, and loses one whose sender is gone until it is sent again", async () => {
    const small = await NatsServer.start({ config: "max_payload: 16384" });
    try {
      const namespace = "small";
      const warned = Promise.withResolvers<string>();
      const log = { ...SILENT, warn: (message: string) => warned.resolve(message) };
      const [one, other] = [await small.connect({ namespace }), await small.connect({ namespace, log })];
      open.push(one, other);
      const [worker, owner] = [busOn(one), busOn(other)];
      const heard: Report[] = [];
      owner.onPartition(partitionOf(PLAN), (report) => heard.push(report));
      await settled();
      const notice = { from: WORKER, digest: "0".repeat(64), bytes: 100_000, partBytes: 10_000 };
      const event = { specversion: "1.0", id: "1", source: "/x", type: "planwright.parcel", data: notice };
      one.publish(`planwright.small.report.${PARTITION}.worker-1.incarnation`, Buffer.from(JSON.stringify(event)));
      expect(await warned.promise).toContain("it will be sent again");
      const report: Report = { ...REPORT, outcome: { kind: "succeeded", output: "x".repeat(300_000) } };
      worker.toOwner(report);
      worker.toOwner(report);
      await vi.waitUntil(() => heard.length > 0);
      expect(heard[0]).toEqual(report);
      expect(one.isConnected).toBe(true);
    } finally {
      for (const connection of open.splice(0).reverse()) await connection[Symbol.asyncDispose]();
      await small[Symbol.asyncDispose]();
    }
  });
});
