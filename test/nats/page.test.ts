import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { coordinatorId, executorId, planId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import type { ExecutorMessage, Report } from "#src/ports/bus.ts";
import { SILENT } from "#src/ports/log.ts";
import { decodeForCoordinator, decodeForExecutor } from "#src/bus/wire.ts";
import { openNatsBlobs } from "#src/nats/blobs.ts";
import { NatsBus } from "#src/nats/bus.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { readEnvelope } from "#src/nats/envelope.ts";
import { openNatsLeases } from "#src/nats/leases.ts";
import { natsSettings } from "#src/nats/settings.ts";
import { partitionToken, SUBJECTS } from "#src/nats/subjects.ts";
import { parse } from "yaml";
import { requireServer } from "../require.ts";
import { hasNats, NatsServer } from "./server.ts";

// docs/nats.md is held to what it says: its table of subjects, its settings, its event, and above all its permissions, on a real server.

const page = readFileSync(new URL("../../docs/nats.md", import.meta.url), "utf8");
const blockOf = (language: string): string => new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)?.[1] ?? "";

describe("the page about NATS", () => {
  it("has every subject, with its payload and use", () => {
    const rows = page.split("\n").flatMap((line) => {
      const [, subject, peers, payload, use] = line.split("|").map((cell) => cell.trim());
      return peers?.includes("→") === true && subject !== "subject" ? [{ subject, peers, payload, use }] : [];
    });
    expect(rows).toEqual(
      SUBJECTS.map(({ subject, from, to, payload, use }) => ({
        subject: `\`${subject}\``,
        peers: `${from} → ${to}`,
        payload,
        use,
      })),
    );
  });

  it("shows settings that are settings, and an event that is read", () => {
    const { nats } = parse(blockOf("yaml")) as { nats: unknown };
    expect(natsSettings.parse(nats)).toEqual(nats);
    const report = readEnvelope(Buffer.from(blockOf("json")), ({ data }) => decodeForCoordinator(data));
    expect(report).toMatchObject({ kind: "report", durationMs: 81.5 });
  });

  it("walks through messages of a worker that are messages, on the subject of their plan", () => {
    const [, walk = ""] = page.split("### A worker in another language");
    const blocks = [...walk.matchAll(/```json\n([^]*?)```/g)].map(([, text = ""]) => Buffer.from(text));
    const isCommand = (bytes: Buffer): boolean => /"kind": "(?:hello|run|cancel|acknowledged)"/.test(bytes.toString());
    const read = blocks.map((bytes) => (isCommand(bytes) ? decodeForExecutor(bytes) : decodeForCoordinator(bytes)));
    const order = ["alive", "hello", "offer", "run", "cancel", "report", "acknowledged", "gone"];
    expect(read.map(({ kind }) => kind)).toEqual(order);
    expect(read).toEqual(blocks.map((bytes) => JSON.parse(bytes.toString()) as unknown));
    const keys = read.flatMap((message) => ("key" in message ? [message.key] : []));
    for (const { plan } of keys) expect(walk).toContain(`report.${partitionToken(partitionOf(plan))}.python`);
  });
});

const PLAN = planId.parse("0197c3a0-1111-7222-8333-444455556666");
const WORKER = executorId.parse("worker-1.0197c3a0");
const OTHER = executorId.parse("worker-2.0197c3a0");
const COORDINATOR = coordinatorId.parse("coordinator-1.0197c3a0");
const KEY = { plan: PLAN, step: "a", attempt: 1, epoch: 1, edition: 1 };
const USERS = ["coordinator-1", "coordinator-2", "worker-1", "worker-2"] as const;
const variableOf = (user: string): string => user.toUpperCase().replace("-", "_");

requireServer("nats", hasNats)("a server with the permissions of the page", () => {
  let server: NatsServer;
  const connections = new Map<string, NatsConnection>();
  const violations: string[] = [];
  beforeAll(async () => {
    for (const user of USERS) vi.stubEnv(variableOf(user), `secret-of-${user}`);
    const config = blockOf("conf").replace(/^(?:listen|jetstream).*$/gm, "");
    server = await NatsServer.start({ config });
    for (const user of USERS) {
      const log = { ...SILENT, warn: (message: string) => violations.push(`${user}: ${message}`) };
      const password = { env: variableOf(user) };
      connections.set(user, await server.connect({ name: user, user, password, log }));
    }
  });
  afterAll(async () => {
    for (const connection of connections.values()) await connection[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    vi.unstubAllEnvs();
  });
  const of = (user: (typeof USERS)[number]): NatsConnection => connections.get(user)!;
  const busOf = (user: (typeof USERS)[number]): NatsBus => new NatsBus(of(user), { name: user, incarnation: "1" });
  const settled = async (): Promise<void> => {
    for (let round = 0; round < 2; round++) await Promise.all([...connections.values()].map((one) => one.flush()));
  };

  it("lets a worker do all that it has to, with messages over the limit in both directions", async () => {
    await using worker = busOf("worker-1");
    await using coordinator = busOf("coordinator-1");
    const commands: ExecutorMessage[] = [];
    const heard: string[] = [];
    const reported = Promise.withResolvers<Report>();
    const large = "x".repeat(3_000_000);
    worker.onExecutor(WORKER, (message) => commands.push(message));
    coordinator.onCoordinator(COORDINATOR, ({ kind }) => heard.push(kind));
    coordinator.onPartition(partitionOf(PLAN), reported.resolve);
    coordinator.onLive(({ kind }) => heard.push(kind));
    await settled();
    coordinator.toExecutors({ kind: "goodbye", from: COORDINATOR });
    coordinator.toExecutor(WORKER, {
      kind: "run",
      key: KEY,
      from: COORDINATOR,
      offer: 1,
      slot: 1,
      tool: "t",
      toolVersion: "1",
      args: { large },
      timeoutMs: 1,
      idempotencyKey: "k",
    });
    worker.toCoordinators({ kind: "alive", executor: WORKER });
    worker.toCoordinator(COORDINATOR, {
      kind: "offer",
      executor: WORKER,
      number: 1,
      since: 1,
      heardAt: 1,
      slots: [1],
      back: [],
    });
    worker.live({ plan: PLAN, step: "a", attempt: 1, at: 1, kind: "progress" });
    const report: Report = {
      kind: "report",
      executor: WORKER,
      key: KEY,
      outcome: { kind: "succeeded", output: { large } },
      durationMs: 1,
    };
    worker.toOwner(report);
    expect(await reported.promise).toEqual(report);
    await vi.waitUntil(() => commands.length === 2);
    expect(commands.map(({ kind }) => kind)).toEqual(["goodbye", "run"]);
    expect(heard.sort()).toEqual(["alive", "offer", "progress"]);
    expect(violations).toEqual([]);
  });

  it("lets coordinators share leases and blobs", async () => {
    const [one, other] = [await openNatsLeases(of("coordinator-1")), await openNatsLeases(of("coordinator-2"))];
    const revision = await one.put("partition.00", { owner: "1" }, 0);
    const watching = new AbortController();
    for await (const change of other.watch(watching.signal)) {
      expect(change).toEqual({ key: "partition.00", value: { owner: "1" }, revision });
      watching.abort();
    }
    const bytes = Buffer.alloc(700_000, 7);
    const ref = await (await openNatsBlobs(of("coordinator-1"))).put(bytes);
    expect(Buffer.compare(await (await openNatsBlobs(of("coordinator-2"))).get(ref), bytes)).toBe(0);
    expect(violations).toEqual([]);
  });

  it("refuses what a worker sends as another, and what it should not hear", async () => {
    await using worker = busOf("worker-1");
    await using coordinator = busOf("coordinator-1");
    await using other = busOf("worker-2");
    const heard: unknown[] = [];
    const hear = (message: unknown): unknown => heard.push(message);
    coordinator.onCoordinator(COORDINATOR, hear);
    coordinator.onPartition(partitionOf(PLAN), hear);
    other.onExecutor(OTHER, hear);
    await settled();
    const forged: Report = {
      kind: "report",
      executor: OTHER,
      key: KEY,
      outcome: { kind: "succeeded", output: "forged" },
      durationMs: 1,
    };
    const refused: (readonly [string, () => unknown])[] = [
      ["report", () => worker.toOwner(forged)],
      ["pulse", () => worker.toCoordinators({ kind: "gone", executor: OTHER })],
      [
        "offer",
        () =>
          worker.toCoordinator(COORDINATOR, {
            kind: "offer",
            executor: OTHER,
            number: 9,
            since: 1,
            heardAt: 1,
            slots: [],
            back: [],
          }),
      ],
      ["command", () => worker.toExecutor(OTHER, { kind: "cancel", key: KEY })],
      ["inbox", () => of("worker-1").publish("planwright.default.inbox.coordinator-1.x", Buffer.from("{}"))],
      ["\\$KV", () => of("worker-1").publish("$KV.planwright-default-leases.partition.00", Buffer.from("{}"))],
      [
        "STREAM.DELETE",
        () => of("worker-1").publish("$JS.API.STREAM.DELETE.KV_planwright-default-leases", Buffer.from("")),
      ],
      ["command.worker-2", () => of("worker-1").listen("planwright.default.command.worker-2.>", { handler: hear })],
      ["report", () => of("worker-1").listen("planwright.default.report.>", { handler: hear })],
      ["parcel.worker-2", () => of("worker-1").listen("planwright.default.parcel.worker-2.*.*", { handler: hear })],
    ];
    for (const [named, attempt] of refused) {
      violations.length = 0;
      attempt();
      await settled();
      await vi.waitUntil(() => violations.length > 0);
      expect(violations.join("\n")).toMatch(new RegExp(`^worker-1: .*does not allow this.*${named}`));
    }
    // A report under its own subject in another's name is allowed by the server, and dropped by who reads it.
    const event = { specversion: "1.0", id: "1", source: "/x", type: "planwright.report", data: forged };
    const subject = `planwright.default.report.${partitionOf(PLAN).toString(16).padStart(2, "0")}.worker-1.0197c3a0`;
    of("worker-1").publish(subject, Buffer.from(JSON.stringify(event)));
    await settled();
    expect(coordinator.dropped).toBe(1);
    expect(heard).toEqual([]);
  });
});
