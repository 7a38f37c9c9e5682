import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import { openStream } from "#src/nats/streams.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { connectNats } from "#src/client/nats-client.ts";
import { CuttingProxy } from "../client/cutting-proxy.ts";
import { Ledger } from "../crash/ledger.ts";
import { Program } from "../crash/program.ts";
import { workplace, type Workplace } from "../e2e/workplace.ts";
import { hasNats, NatsServer } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { StandIn } from "../store/kurrent/stand-in.ts";
import { until } from "./until.ts";

// What is in the way of processes that work together: each is named on stderr while it lasts, and when it is over they go on by
// themselves. `serve` and `worker` as somebody starts them, without a log being asked for.

const TOOLS = fileURLToPath(new URL("../crash/load/effects.tools.ts", import.meta.url));
const WITHIN_MS = 40_000;
const SLOW_MS = 120_000;
/** As long as a lease. */
const SLOW_DISK_MS = 3_500;
const SOURCE = `plan: short
steps:
  one: { tool: effects.once, with: { ms: 20 } }
  two: { tool: effects.again, with: { after: "\${steps.one.output}", ms: 20 } }
respond: ended
`;

requireServer("nats", hasNats)("what is in the way of processes that work together", () => {
  let opened: AsyncDisposableStack;
  let place: Workplace;
  let server: NatsServer;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    place = opened.use(await workplace());
    server = opened.use(await NatsServer.start());
  });
  afterEach(() => opened.disposeAsync());

  /** `planwright …` in a folder of its own, ended when the test is. */
  const start = async (command: "serve" | "worker", settings: object): Promise<Program> => {
    const cwd = path.join(place.path, command);
    await mkdir(cwd);
    await place.write(path.join(command, "planwright.config.yaml"), JSON.stringify(settings));
    const env = { PLANWRIGHT_CRASH_LEDGER: path.join(place.path, "ledger.jsonl"), TOKEN: "wrong", PLANWRIGHT_LOG: "" };
    const program = new Program({ args: [command, "--json", "--tools", TOOLS], cwd, env });
    opened.defer(async () => {
      program.kill("SIGTERM");
      const hasGone = program.ended.then(() => true);
      await program.until(() => program.hasEnded, WITHIN_MS);
      program.kill("SIGKILL");
      await hasGone;
    });
    return program;
  };
  const both = async (settings: object): Promise<readonly [Program, Program]> => [
    await start("serve", { store: "store", ...settings }),
    await start("worker", settings),
  ];
  const complains = (program: Program, words: string): Promise<boolean> =>
    program.until(() => program.complaints.includes(words), WITHIN_MS);
  /** Joined, and nothing is in the way any more. */
  const serves = (program: Program): Promise<boolean> =>
    program.until(() => program.firstLine?.includes('"kind":"serving"') === true, WITHIN_MS);
  const works = async (url: string): Promise<string> => {
    await using client = await connectNats({ servers: [url], principal: "agent" });
    const { plan } = await client.submit({ source: SOURCE, key: `${systemRandom.next()}` });
    // Where nobody is reached at the moment a question is not asked again by itself, and what was submitted waits to be taken.
    let status = "";
    await until("the plan has ended", WITHIN_MS, async () => {
      const answer = await client.wait({ plan, timeoutMs: WITHIN_MS }).catch((error: unknown) => {
        if (!Fault.is(error, "unreachable") && !Fault.is(error, "plan-unknown")) throw error;
      });
      status = answer?.status ?? "";
      return answer !== undefined;
    });
    return status;
  };

  it("credentials that are refused are named, and used as soon as they are let in", { timeout: SLOW_MS }, async () => {
    await server.stop();
    await server.configure({ config: "authorization { token: right }" });
    await server.begin();
    const [serve, worker] = await both({ nats: { servers: [server.url], token: { env: "TOKEN" } } });
    for (const program of [serve, worker]) {
      expect(await complains(program, "refuses these credentials"), program.complaints).toBe(true);
      expect(program.complaints).toContain(
        "check user, token, nkey or creds of the configuration's nats; trying again",
      );
      expect(program.complaints).not.toContain("wrong");
      expect(program.complaints.split("trying again")).toHaveLength(2);
    }
    await server.configure({ config: "" });
    server.reload();
    expect(await serves(serve), serve.complaints).toBe(true);
    expect(await works(server.url)).toBe("succeeded");
  });

  it("a bucket with other settings is named with what differs, and waited for", { timeout: SLOW_MS }, async () => {
    const connection = opened.use(await server.connect());
    const bucket = { name: "KV_planwright-default-leases", subjects: ["$KV.planwright-default-leases.>"] };
    const { manager } = await openStream(connection, { ...bucket, description: "of an older version" });
    const [serve] = await both({ nats: { servers: [server.url] } });
    expect(await complains(serve, "max_msgs_per_subject is -1 and has to be 1"), serve.complaints).toBe(true);
    expect(serve.complaints).toContain("nats stream edit KV_planwright-default-leases");
    await manager.streams.delete(bucket.name);
    expect(await serves(serve), serve.complaints).toBe(true);
    expect(await works(server.url)).toBe("succeeded");
  });

  it("a bucket with other settings ends a command that runs one plan", { timeout: SLOW_MS }, async () => {
    const connection = opened.use(await server.connect());
    const bucket = { name: "KV_planwright-default-leases", subjects: ["$KV.planwright-default-leases.>"] };
    await openStream(connection, { ...bucket, description: "of an older version" });
    await place.write("planwright.config.yaml", JSON.stringify({ store: "own", nats: { servers: [server.url] } }));
    const ran = await place.run("run", "good.yaml", "--plain");
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining("nats-settings-differ") as string });
  });

  it("a server that goes away at each point of joining is waited for", { timeout: SLOW_MS }, async () => {
    // Bytes that each connection brings before it breaks: in the greeting, in the answers about streams, in leases and offers.
    const sizes = [1, 100, 400, 600, 900, 1_300, 2_000, 3_000, 4_500, 7_000, 12_000, 20_000, 40_000];
    const taken = { serve: 0, worker: 0 };
    const cutting = (who: keyof typeof taken): Promise<CuttingProxy> =>
      CuttingProxy.open(server.url.replace("nats", "http"), () => sizes[taken[who]++] ?? Infinity);
    const proxies = { serve: opened.use(await cutting("serve")), worker: opened.use(await cutting("worker")) };
    const through = (proxy: CuttingProxy) => ({ nats: { servers: [proxy.url.replace("http", "nats")] } });
    const serve = await start("serve", { store: "store", ...through(proxies.serve) });
    const worker = await start("worker", through(proxies.worker));
    expect(await serves(serve), serve.complaints).toBe(true);
    expect(await works(server.url), worker.complaints).toBe("succeeded");
    await serve.until(() => taken.serve > sizes.length, WITHIN_MS);
    expect(proxies.serve.cuts).toBeGreaterThanOrEqual(sizes.length);
    expect(serve.complaints).toMatch(/did not answer \(connecting\).*trying again/);
    expect(serve.complaints).toMatch(/the connection to \S+ broke; trying to return/);
    expect(serve.complaints).toMatch(/connected to \S+ again/);
    expect(await works(server.url), serve.complaints).toBe("succeeded");
  });

  it("a server without JetStream is named, and waited for", { timeout: SLOW_MS }, async () => {
    await server.stop();
    await server.configure({ jetstream: false });
    await server.begin();
    const [serve] = await both({ nats: { servers: [server.url] } });
    expect(await complains(serve, "runs without JetStream"), serve.complaints).toBe(true);
    await server.stop();
    await server.configure({});
    await server.begin();
    expect(await serves(serve), serve.complaints).toBe(true);
    expect(await works(server.url)).toBe("succeeded");
  });

  it("a disk that takes seconds delays plans, and costs no lease and no second run", { timeout: SLOW_MS }, async () => {
    const log = opened.use(await new StandIn().listen());
    const nats = { servers: [server.url] };
    const serve = await start("serve", { store: `${log.url}&namespace=slow`, local: "local", nats });
    await start("worker", { nats });
    expect(await serves(serve), serve.complaints).toBe(true);
    expect(await works(server.url)).toBe("succeeded");
    log.slowMs = SLOW_DISK_MS;
    const before = systemClock.monotonic();
    expect(await works(server.url), serve.complaints).toBe("succeeded");
    expect(systemClock.monotonic() - before).toBeGreaterThan(3 * SLOW_DISK_MS);
    log.slowMs = 0;
    expect(await works(server.url)).toBe("succeeded");
    expect(serve.complaints).not.toContain("could not renew its lease");
    // Begun and done, for two steps of three plans.
    expect(new Ledger(path.join(place.path, "ledger.jsonl")).refresh()).toHaveLength(12);
  });
});
