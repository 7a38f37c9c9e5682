import { afterEach, beforeEach, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import { planOfKey } from "#src/api/client-key.ts";
import type { Call, CallHandler } from "#src/ports/calls.ts";
import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { Intake } from "#src/nats/intake.ts";
import { openRequests } from "#src/nats/intake-streams.ts";
import { requireServer } from "../require.ts";
import { agent, coordinator } from "./coordinator.ts";
import { hasNats, NatsServer } from "./server.ts";

const HELLO = {
  source: "plan: hello\ninputs:\n  name: { type: string }\nsteps:\n  a: { value: 1 }\nrespond: Hello ${inputs.name}.\n",
  inputs: { name: "Ada" },
};

const NEVER = new AbortController().signal;
/** Silence is 5 s. */
const LONGER_THAN_SILENCE_MS = 6_500;
const SOON_MS = 10_000;
const MS_NS = 1_000_000;

/** Answers `submit` by what the test says, and remembers what it was asked. */
function scripted(answer: (call: Call, times: number) => Json): {
  readonly heard: Call[];
  readonly handler: CallHandler;
} {
  const heard: Call[] = [];
  const handler: CallHandler = async function* (call) {
    heard.push(call);
    yield answer(call, heard.filter(({ input }) => JSON.stringify(input) === JSON.stringify(call.input)).length);
  };
  return { heard, handler };
}

requireServer("nats", hasNats)("the intake", () => {
  let opened: AsyncDisposableStack;
  let server: NatsServer;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    server = opened.use(await NatsServer.start());
  });
  afterEach(() => opened.disposeAsync());

  it("keeps a request that is published while nothing runs; the plan runs later, and the response arrives", async () => {
    const client = opened.use(await agent(server));
    const published = await client.publish({ ...HELLO, key: "hello-of-today" });
    expect(published.plan).toBe(planOfKey("hello-of-today"));
    await expect(client.get({ plan: published.plan })).rejects.toMatchObject({ code: "unreachable" });
    // Also the server of NATS itself may be started again meanwhile.
    await server.stop();
    await server.begin();
    const begun = client.begun(published);
    opened.use(await coordinator(server));
    await begun;
    const { status, response } = await client.wait({ plan: published.plan });
    expect({ status, response }).toEqual({ status: "succeeded", response: "Hello Ada." });
  });

  it("takes what was submitted while no coordinator was up, once, however often", async () => {
    const client = opened.use(await agent(server));
    const other = opened.use(await agent(server, { principal: "other" }));
    const submission = { ...HELLO, key: "often" };
    const { plan } = await client.submit(submission);
    expect(await client.submit(submission)).toMatchObject({ plan });
    // By another principal it is another request for the same plan.
    expect(await other.submit(submission)).toMatchObject({ plan });
    opened.use(await coordinator(server));
    await client.begun(await client.publish(submission));
    await other.begun(await other.publish(submission));
    await client.wait({ plan });
    expect((await client.list({})).plans).toHaveLength(1);
    expect(await client.submit(submission)).toMatchObject({ plan, attached: true });
    const { facts } = await client.history({ plan });
    expect(facts.filter(({ type }) => type === "PlanDrafted")).toHaveLength(1);
  });

  it("draws a key for a submission that has none", async () => {
    const client = opened.use(await agent(server));
    const { plan } = await client.submit(HELLO);
    opened.use(await coordinator(server));
    await client.begun(await client.publish({ ...HELLO, key: "last" }));
    const { plans } = await client.list({});
    expect(plans.map((row) => row.plan)).toContain(plan);
  });

  it("tells the publisher why a request was refused, and takes the next", async () => {
    const client = opened.use(await agent(server));
    const wrong = await client.publish({ source: "plan: wrong\nsteps:\n  a: { tool: no.such }\n", key: "wrong" });
    const right = await client.publish({ ...HELLO, key: "right" });
    const changed = await client.publish({ ...HELLO, inputs: { name: "Bob" }, key: "right" });
    opened.use(await coordinator(server));
    await expect(client.begun(wrong)).rejects.toMatchObject({
      code: "plan-refused",
      details: { findings: [expect.objectContaining({ code: "unknown-tool" })] },
    });
    const ends = await Promise.allSettled([client.begun(right), client.begun(changed)]);
    // Which of the two came first is the coordinator's to say; the other one conflicts with it.
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const [conflict] = ends.filter((end) => end.status === "rejected");
    expect(conflict?.reason).toMatchObject({ code: "client-key-conflict" });
  });

  it("refuses what is no request, and what a defect keeps from being taken, and takes the others", async () => {
    const client = opened.use(await agent(server));
    const connection = opened.use(await server.connect({ name: "coordinator" }));
    const requests = await openRequests(connection);
    await requests.client.publish(`planwright.default.request.agent.${"0".repeat(64)}`, "{ this is no JSON");
    const cursed = await client.publish({ ...HELLO, key: "cursed" });
    const good = await client.publish({ ...HELLO, key: "good" });
    const { heard, handler } = scripted(({ input }) => {
      if (JSON.stringify(input).includes("cursed")) throw new TypeError("a defect");
      return {};
    });
    opened.use(new Intake(connection, handler));
    await client.begun(good);
    await expect(client.begun({ request: "0".repeat(64) })).rejects.toMatchObject({ code: "malformed-request" });
    await expect(client.begun(cursed)).rejects.toMatchObject({ code: "defect" });
    expect(heard.filter(({ input }) => JSON.stringify(input).includes("cursed"))).toHaveLength(5);
  });

  it("tries again what may go well later, and acknowledges only after it went well", async () => {
    const client = opened.use(await agent(server));
    const connection = opened.use(await server.connect({ name: "coordinator" }));
    const waiting = await client.publish({ ...HELLO, key: "waiting" });
    const { heard, handler } = scripted((_, times) => {
      if (times < 3) throw new Fault("store-unavailable", "the log does not answer", { retryable: true });
      return {};
    });
    opened.use(new Intake(connection, handler));
    await client.begun(waiting);
    expect(heard.map(({ actor }) => actor)).toEqual(["nats:agent", "nats:agent", "nats:agent"]);
  });

  it("hands what a coordinator had in hand that died to another one within seconds", async () => {
    const client = opened.use(await agent(server));
    const [dying, other] = [await server.connect({ name: "dying" }), await server.connect({ name: "other" })];
    opened.use(other);
    const inHand = Promise.withResolvers<undefined>();
    const never: CallHandler = async function* (_, signal) {
      inHand.resolve(undefined);
      yield await new Promise<Json>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Fault("stopping", "the test ends")), { once: true });
      });
    };
    opened.use(new Intake(dying, never));
    const left = await client.publish({ ...HELLO, key: "left" });
    await inHand.promise;
    await dying[Symbol.asyncDispose]();
    const { heard, handler } = scripted(() => ({}));
    opened.use(new Intake(other, handler));
    const began = performance.now();
    await client.begun(left);
    expect(heard).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(SOON_MS);
  }, 30_000);

  it("takes over what an older version has made, which waited longer for one that died", async () => {
    const client = opened.use(await agent(server));
    const connection = opened.use(await server.connect({ name: "coordinator" }));
    const { manager, info } = await openRequests(connection);
    const ack_wait = 60 * 1_000 * MS_NS;
    await manager.consumers.add(info.config.name, { durable_name: "coordinators", ack_policy: "explicit", ack_wait });
    opened.use(new Intake(connection, scripted(() => ({})).handler));
    await client.begun(await client.publish({ ...HELLO, key: "newer" }));
    const { config } = await manager.consumers.info(info.config.name, "coordinators");
    expect(config.ack_wait).toBe(5_000 * MS_NS);
  });

  it("is handed to no other while it is under way, however long", async () => {
    const client = opened.use(await agent(server));
    const [slow, other] = [await server.connect({ name: "slow" }), await server.connect({ name: "other" })];
    opened.use(slow);
    opened.use(other);
    const inHand = Promise.withResolvers<undefined>();
    const done = Promise.withResolvers<undefined>();
    const slowly: CallHandler = async function* () {
      inHand.resolve(undefined);
      await done.promise;
      yield {};
    };
    const first = opened.use(new Intake(slow, slowly));
    const long = await client.publish({ ...HELLO, key: "long" });
    await inHand.promise;
    const { heard, handler } = scripted(() => ({}));
    opened.use(new Intake(other, handler));
    await sleep(systemClock, LONGER_THAN_SILENCE_MS, NEVER);
    done.resolve(undefined);
    await client.begun(long);
    expect(heard).toHaveLength(0);
    await first[Symbol.asyncDispose]();
  }, 30_000);

  it("takes requests that come after the server of NATS was away", async () => {
    const client = opened.use(await agent(server));
    const { handler } = scripted(() => ({}));
    const connection = opened.use(await server.connect({ name: "coordinator" }));
    opened.use(new Intake(connection, handler));
    await client.begun(await client.publish({ ...HELLO, key: "before" }));
    await server.stop("SIGKILL");
    await server.begin();
    const after = await untilPublished(() => client.publish({ ...HELLO, key: "after" }));
    await client.begun(after);
  });

  it("forgets that a request was refused when it went well later", async () => {
    const client = opened.use(await agent(server));
    const connection = opened.use(await server.connect({ name: "coordinator" }));
    const requests = await openRequests(connection);
    const { handler } = scripted((_, times) => {
      if (times < 2) throw new Fault("unknown-tool", "there is no tool here yet");
      return {};
    });
    opened.use(new Intake(connection, handler));
    const early = await client.publish({ ...HELLO, key: "early" });
    await expect(client.begun(early)).rejects.toMatchObject({ code: "unknown-tool" });
    // Published again by the same program within two minutes it would be the same message.
    const input = { ...HELLO, key: "early" };
    await requests.client.publish(`planwright.default.request.agent.${early.request}`, JSON.stringify({ input }));
    await client.begun(early);
  });

  it("says that a stream has other settings than it needs, and changes nothing", async () => {
    const connection = opened.use(await server.connect({ name: "operator" }));
    const { jetstreamManager } = await import("@nats-io/jetstream");
    const manager = await jetstreamManager(connection.client);
    const name = "planwright-default-requests";
    await manager.streams.add({ name, subjects: ["planwright.default.request.*.*"], retention: "limits" });
    const client = opened.use(await agent(server));
    await expect(client.publish(HELLO)).rejects.toMatchObject({ code: "nats-settings-differ" });
    expect((await manager.streams.info(name)).config.retention).toBe("limits");
  });

  it("refuses what is larger than a message, by name", async () => {
    const client = opened.use(await agent(server));
    const source = `plan: large\nsteps:\n  a: { value: "${"x".repeat(2 * 1024 * 1024)}" }\n`;
    await expect(client.publish({ source })).rejects.toMatchObject({ code: "call-too-large" });
    await expect(client.submit({ source })).rejects.toMatchObject({ code: "call-too-large" });
  });
});

/** While the connection comes back, what is published fails. */
async function untilPublished<T>(publish: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await publish();
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable) throw error;
    }
  }
}
