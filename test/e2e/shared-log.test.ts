// The command line beside coordinators that share a log on a server, and its payloads over NATS.
import { randomUUID } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { hasNats, NatsServer } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { StandIn } from "../store/kurrent/stand-in.ts";
import { ROOT } from "./command.ts";
import { serving } from "./serving.ts";
import { working } from "./working.ts";
import { expectHealthy, workplace, type Workplace } from "./workplace.ts";

const SLOW_TEST_MS = 120_000;

/** Its input and its output are too large for a fact. */
const BULKY =
  'plan: bulky\ninputs: { text: { type: string } }\nsteps:\n  big: { value: { all: "${inputs.text}" } }\nrespond: done\n';
const ASKING =
  "plan: asking\nsteps:\n  review: { approve: { show: good? } }\n  last: { value: 1, needs: [review] }\nrespond: approved\n";
const WANTING =
  "plan: wanting\nsteps:\n  wrap: { tool: text.wrap, with: { text: x, width: 40 } }\n  own: { tool: own.tool }\n";
const TOOLS = `import { defineTool } from "${path.join(ROOT, "src", "index.ts")}";
import { z } from "${path.join(ROOT, "node_modules", "zod", "index.js")}";
export const own = defineTool({
  name: "own.tool", version: "1.0.0", description: "Is on no worker.", sideEffects: "read",
  input: z.object({}), output: z.null(), run: async () => null,
});
`;
const TEXT = "word ".repeat(20_000);

requireServer("nats", hasNats)("commands beside coordinators that share a log", () => {
  let nats: NatsServer;
  const standIn = new StandIn();
  beforeAll(async () => {
    nats = await NatsServer.start();
    await standIn.listen();
  });
  afterAll(async () => {
    await standIn[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  /** A machine of the installation: its own folder, and the same configuration otherwise. */
  async function machine(installation: string): Promise<Workplace> {
    const place = await workplace();
    const store = `${standIn.url}${standIn.url.includes("?") ? "&" : "?"}namespace=${installation}`;
    const settings = { store, local: "beside", nats: { servers: [nats.url], namespace: installation } };
    await place.write("planwright.config.yaml", JSON.stringify(settings));
    await place.write("bulky.yaml", BULKY);
    await place.write("asking.yaml", ASKING);
    await place.write("wanting.yaml", WANTING);
    await place.write("own.tools.ts", TOOLS);
    await place.write("inputs.json", JSON.stringify({ text: TEXT }));
    return place;
  }

  it("read payloads where the coordinators keep them", { timeout: SLOW_TEST_MS }, async () => {
    const installation = `t${randomUUID()}`;
    await using one = await machine(installation);
    await using other = await machine(installation);
    const server = await serving(one);
    const submitted = await one.run("submit", "bulky.yaml", "--inputs", "inputs.json");
    expect(submitted.code, submitted.stderr).toBe(0);
    expect((await one.run("watch", "last", "--plain")).code).toBe(0);
    // Beside a holder that serves, on a machine where none does, and after it has ended.
    for (const place of [one, other]) {
      expect(await expectHealthy(place)).toBeGreaterThan(3);
      expect((await place.run("show", "last", "--json")).stdout).toContain('"response":"done"');
    }
    server.kill("SIGTERM");
    await server.ended;
    expect(await expectHealthy(other)).toBeGreaterThan(3);
    const usage = await other.run("blobs", "--json");
    expect(JSON.parse(usage.stdout)).toMatchObject({ missing: 0, cited: { blobs: expect.any(Number) as number } });
    expect((JSON.parse(usage.stdout) as { cited: { blobs: number } }).cited.blobs).toBeGreaterThan(0);
    const swept = await other.run("blobs", "sweep", "--json");
    expect(swept, swept.stderr).toMatchObject({ code: 0 });
    expect(await expectHealthy(one)).toBeGreaterThan(3);
  });
  it("leave a plan in the intake where no coordinator is up", { timeout: SLOW_TEST_MS }, async () => {
    const installation = `t${randomUUID()}`;
    await using one = await machine(installation);
    await using other = await machine(installation);
    const left = await other.run("submit", "asking.yaml", "--key", "left", "--json");
    expect(left, left.stderr).toMatchObject({ code: 0 });
    const { plan } = JSON.parse(left.stdout) as { plan: string };
    expect(JSON.parse(left.stdout)).toEqual({ plan, attached: false, waits: true });
    const said = await other.run("submit", "asking.yaml", "--key", "left");
    expect(said).toMatchObject({ code: 0, stdout: `${plan}\n` });
    expect(said.stderr).toContain("no coordinator is up, and the request waits for the next one");
    // It waits as long as its request does, and is told what that was refused for.
    const refused = other.run("submit", "wanting.yaml", "--watch", "--plain");
    const watched = other.run("submit", "asking.yaml", "--key", "left", "--watch", "--plain");
    const server = await serving(one);
    await vi.waitUntil(async () => (await other.run("approve", plan, "review", "--yes")).code === 0, {
      timeout: SLOW_TEST_MS / 2,
    });
    const [no, ended] = await Promise.all([refused, watched]);
    expect(no.code, no.stderr).toBe(2);
    expect(no.stderr).toContain("unknown-tool");
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain("approved");
    server.kill("SIGTERM");
    await server.ended;
  });
  it("are answered by any coordinator where nobody serves on the machine", { timeout: SLOW_TEST_MS }, async () => {
    const installation = `t${randomUUID()}`;
    await using one = await machine(installation);
    await using other = await machine(installation);
    await using third = await machine(installation);
    const servers = [
      await serving(one, ["--tools", "own.tools.ts"]),
      await serving(other, ["--tools", "own.tools.ts"]),
    ];
    const worker = await working(third, "--pool", "gpu", "--slots", "3");
    interface Seen {
      readonly coordinators: readonly { readonly partitions: number }[];
      readonly executors: readonly { readonly slots?: number }[];
    }
    const status = async (): Promise<Seen> => JSON.parse((await third.run("status", "--json")).stdout) as Seen;
    await vi.waitUntil(
      async () => {
        const { coordinators, executors } = await status();
        // An executor says first that it is there, and then what it has.
        const hasSaid = executors.length === 1 && executors[0]?.slots !== undefined;
        return hasSaid && coordinators.filter(({ partitions }) => partitions === 128).length === 2;
      },
      { timeout: SLOW_TEST_MS / 2 },
    );
    const seen = await status();
    expect(seen).toMatchObject({
      freePartitions: 0,
      executors: [{ pool: "gpu", slots: 3, used: 0, tools: expect.arrayContaining(["text.wrap"]) as string[] }],
    });
    const text = (await third.run("status")).stdout;
    expect(text).toMatch(/^coordinator \S+: 128 partitions, answers this$/m);
    expect(text).toMatch(/^executor \S+: 0 of 3 slots used, pool gpu, \d+ tools \(.*\), version \S+, heard \S+ ago$/m);

    expect((await third.run("submit", "wanting.yaml")).code).toBe(0);
    const why = await third.run("why", "last");
    expect(why.stdout).toContain("no executor has the tool own.tool");
    expect(why.stdout).toContain("no executor that has its tool serves the pool default");
    expect((await third.run("cancel", "last", "--json")).stdout).toContain('"status":"cancelled"');
    const submitted = await third.run("submit", "asking.yaml", "--json");
    const { plan } = JSON.parse(submitted.stdout) as { plan: string };
    expect((await third.run("list", "--live", "--json")).stdout).toContain(plan);
    const approved = await third.run("approve", plan, "--yes");
    expect(approved, approved.stderr).toMatchObject({ code: 0 });
    expect((await third.run("watch", plan, "--plain")).stdout).toContain("approved");
    const history = (await third.run("history", plan, "--json")).stdout;
    expect(history).toContain('"actor":"nats:');

    worker.kill("SIGTERM");
    await worker.ended;
    for (const server of servers) server.kill("SIGTERM");
    for (const server of servers) await server.ended;
    expect((await third.run("status")).stdout).toContain("nobody runs plans here");
    expect((await third.run("list", "--json")).stdout).toContain(plan);
  });
});
