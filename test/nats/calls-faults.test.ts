import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Fault } from "#events/fault.ts";
import { answeringAnywhere, answeringHere } from "#src/api/call-handler.ts";
import { calledClient } from "#src/client/called-client.ts";
import { callFrame, decoded } from "#src/nats/call-messages.ts";
import { NatsCalls } from "#src/nats/calls.ts";
import { Intake } from "#src/nats/intake.ts";
import { openRefusals, openRequests } from "#src/nats/intake-streams.ts";
import { Outbox } from "#src/nats/outbox.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { answerOf, type CallHandler } from "#src/ports/calls.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { requireServer } from "../require.ts";
import { agent, coordinator } from "./coordinator.ts";
import { RECONNECTING_MS, RECONNECTS } from "../reconnects.ts";
import { hasNats, NatsServer } from "./server.ts";

const NEVER = new AbortController().signal;
/** Reconnects without a moment in which both sides are there. */
const AT_A_STRETCH = 5;
const PATIENCE_MS = 10_000;
const call = (operation: string) => ({ operation, input: {}, actor: "nats:agent" });

requireServer("nats", hasNats)("calls over NATS, when something goes wrong", () => {
  let opened: AsyncDisposableStack;
  let server: NatsServer;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    server = opened.use(await NatsServer.start());
  });
  afterEach(() => opened.disposeAsync());

  const callsOf = async (name: string): Promise<{ connection: NatsConnection; calls: NatsCalls }> => {
    const connection = opened.use(await server.connect({ name }));
    return { connection, calls: opened.use(new NatsCalls(connection, { name, random: systemRandom })) };
  };

  it("answers what is no call, and names an operation that is not there", async () => {
    opened.use(await coordinator(server));
    const { connection } = await callsOf("stranger");
    for (const [data, code] of [
      ["{ this is no JSON", "malformed-call"],
      ['{"call":"1","operation":7}', "malformed-call"],
      [`{"call":"${crypto.randomUUID()}","operation":"constructor","input":{}}`, "no-such-operation"],
      [`{"call":"${crypto.randomUUID()}","operation":"get","input":{"plan":7}}`, "invalid-input"],
    ] as const) {
      const said = Promise.withResolvers<unknown>();
      const inbox = `planwright.default.inbox.stranger.${crypto.randomUUID()}`;
      const listening = connection.listen(inbox, {
        handler: (message) => {
          const frame = decoded(callFrame, message.data);
          if (frame?.kind === "fault") said.resolve(frame.fault.code);
        },
      });
      connection.publish("planwright.default.call.stranger", Buffer.from(data), { reply: inbox });
      expect(await said.promise, data).toBe(code);
      listening[Symbol.dispose]();
    }
  });

  it(
    `loses no fact to a follower across ${RECONNECTS} forced reconnects of both sides`,
    async () => {
      const there = opened.use(await coordinator(server));
      const { connection, calls } = await callsOf("follower");
      const client = calledClient({ calls, actor: "nats:follower", clock: systemClock });
      const steps = Array.from({ length: 40 }, (_, index) => `  s${index}: { value: ${index} }`).join("\n");
      let reconnects = 0;
      let last = "";
      const seen: number[] = [];
      const stop = new AbortController();
      const following = (async () => {
        for await (const fact of client.events({}, { signal: stop.signal })) {
          seen.push(fact.position);
          if (fact.type === "PlanSucceeded" && fact.plan === last) break;
        }
      })();
      while (reconnects < RECONNECTS) {
        const side = reconnects++ % 2 === 0 ? connection : there.connection;
        const returned = Promise.withResolvers<undefined>();
        const returning = side.onReturn(() => returned.resolve(undefined));
        await there.planwright.client.submit({ source: `plan: many\nsteps:\n${steps}\n` });
        await side.client.reconnect();
        await returned.promise;
        returning[Symbol.dispose]();
        // While each goes away as soon as the other one is back, nothing can get through.
        const before = seen.length;
        if (reconnects % AT_A_STRETCH === 0) await vi.waitUntil(() => seen.length > before, { timeout: PATIENCE_MS });
      }
      const { plan } = await there.planwright.client.submit({ source: "plan: last\nsteps:\n  a: { value: 1 }\n" });
      last = plan;
      await following;
      const all: number[] = [];
      for await (const { position } of there.planwright.client.events({})) {
        all.push(position);
        if (position === seen.at(-1)) break;
      }
      expect(seen).toEqual(all);
      expect(all.length).toBeGreaterThan(40 * RECONNECTS);
    },
    RECONNECTING_MS,
  );

  it("goes on with a stream and a question when the server is killed and started again", async () => {
    const { calls: asker } = await callsOf("asker");
    const { calls: answerer } = await callsOf("answerer");
    const gate = Promise.withResolvers<string>();
    const handler: CallHandler = async function* () {
      yield "before";
      yield await gate.promise;
    };
    await answerer.serve("any", handler);
    const reader = asker.call(call("events"), "any", NEVER)[Symbol.asyncIterator]();
    expect(await reader.next()).toMatchObject({ value: "before" });
    await server.stop("SIGKILL");
    gate.resolve("after");
    await server.begin();
    expect(await reader.next()).toMatchObject({ value: "after" });
    expect(await reader.next()).toMatchObject({ done: true });
  });

  it("turns to another coordinator when the one that answered goes away", async () => {
    const { calls: asker } = await callsOf("asker");
    const [first, second] = [await callsOf("first"), await callsOf("second")];
    const facts = (from: number): CallHandler =>
      async function* ({ input }, signal) {
        const { after = -1 } = input as { after?: number };
        for (let position = after + 1; position < from; position++) yield { position };
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      };
    await first.calls.serve("any", facts(3));
    const taken: unknown[] = [];
    const { resumedStream } = await import("#src/client/resumed-stream.ts");
    const stream = resumedStream(
      (after) => asker.call({ ...call("events"), input: { after } }, "any", NEVER),
      { clock: systemClock, patienceMs: 10_000 },
      NEVER,
    );
    for await (const message of stream) {
      taken.push((message as { position: number }).position);
      if (taken.length === 3) {
        await second.calls.serve("any", facts(6));
        await first.connection[Symbol.asyncDispose]();
      }
      if (taken.length === 6) break;
    }
    expect(taken).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("is asked of the owner where the coordinator that heard it is not, also while nobody is", async () => {
    const there = opened.use(await coordinator(server));
    const { app } = there.planwright;
    const [asker, other, owner] = [await callsOf("asker"), await callsOf("other"), await callsOf("owner")];
    await there.serving[Symbol.asyncDispose]();
    // In the place of an application that owns nothing.
    const unowning = new Proxy(app, {
      get: (target, name) => {
        if (name !== "start" && name !== "find") return Reflect.get(target, name) as unknown;
        return () => {
          throw new Fault("not-owner", "partition 7 is another's", { retryable: true, details: { partition: 7 } });
        };
      },
    });
    await other.calls.serve("any", answeringAnywhere(unowning, { calls: other.calls, clock: systemClock }));
    const client = calledClient({ calls: asker.calls, actor: "nats:asker", clock: systemClock });
    const submitted = client.submit({ source: "plan: moved\nsteps:\n  a: { value: 1 }\n", key: "moved" });
    await owner.calls.serve({ partition: 7 }, answeringHere(app));
    const { plan } = await submitted;
    expect((await there.planwright.client.history({ plan })).facts[0]?.actor).toBe("nats:asker");
  });

  it("is refused by the server in the name of a principal that is not the user's", async () => {
    const page = await readFile(new URL("../../docs/client.md", import.meta.url), "utf8");
    const config = /```conf\n([^]*?)```/.exec(page)?.[1] ?? "";
    vi.stubEnv("COORDINATOR", "pw");
    vi.stubEnv("AGENT", "pw");
    await server.stop();
    await server.configure({ config });
    await server.begin();
    const password = { file: path.join(server.folder.path, "pw") };
    await writeFile(password.file, "pw\n");
    const heard: string[] = [];
    const connection = opened.use(await server.connect({ name: "coordinator", user: "coordinator", password }));
    const calls = opened.use(new NatsCalls(connection, { name: "coordinator", random: systemRandom }));
    await calls.serve("any", async function* ({ actor }) {
      heard.push(actor);
      yield {};
    });
    const own = opened.use(await server.connect({ name: "agent", user: "agent", password }));
    const asker = opened.use(new NatsCalls(own, { name: "agent", random: systemRandom }));
    expect(await answerOf(asker.call(call("status"), "any", NEVER))).toEqual({});
    const forged = answerOf(asker.call({ ...call("status"), actor: "nats:boss" }, "any", NEVER));
    await expect(forged).rejects.toMatchObject({ code: "unreachable" });
    expect(heard).toEqual(["nats:agent"]);
    // What waits in the intake needs its streams, which a coordinator makes.
    const [requests] = [await openRequests(connection), await openRefusals(connection)];
    const outbox = new Outbox(own, "nats:agent");
    const request = await outbox.publish({ source: "plan: a", key: "a" });
    expect((await requests.manager.streams.info("planwright-default-requests")).state.messages).toBe(1);
    const forging = new Outbox(own, "nats:boss").publish({ source: "plan: a", key: "a" });
    await expect(forging).rejects.toMatchObject({ retryable: true });
    opened.use(new Intake(connection, () => calls.call(call("submit"), "any", NEVER)));
    await outbox.settled(request, NEVER);
  });

  it("says that credentials are wrong, and that a principal's name cannot be one", async () => {
    await server.stop();
    await server.configure({ config: "authorization { token: right }" });
    await server.begin();
    const token = { file: path.join(server.folder.path, "token") };
    await writeFile(token.file, "wrong\n");
    await expect(agent(server, { token })).rejects.toMatchObject({ code: "nats-access-denied" });
    await expect(agent(server, { principal: "os:root" })).rejects.toMatchObject({ code: "principal-invalid" });
  });
});
