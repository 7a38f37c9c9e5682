// A worker whose tool computes without a pause: nothing else runs in that process meanwhile, and it is no dead one.
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasNats, NatsServer } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { ROOT } from "./command.ts";
import { serving } from "./serving.ts";
import { working } from "./working.ts";
import { workplace, type Workplace } from "./workplace.ts";

const SLOW_TEST_MS = 120_000;

const TOOLS = `import { defineTool } from "${path.join(ROOT, "src", "index.ts")}";
import { z } from "${path.join(ROOT, "node_modules", "zod", "index.js")}";
const still = new Int32Array(new SharedArrayBuffer(4));
export const compute = defineTool({
  name: "own.compute", version: "1.0.0", description: "Blocks the loop.", sideEffects: "write",
  input: z.object({ ms: z.number() }), output: z.literal("computed"),
  run: async ({ ms }) => { Atomics.wait(still, 0, 0, ms); return "computed" as const; },
});
`;
const planOf = (ms: number): string =>
  `plan: computing\nsteps:\n  a: { tool: own.compute, with: { ms: ${ms} }, timeout: 1m }\nrespond: \${steps.a.output}\n`;

requireServer("nats", hasNats)("a worker whose tool blocks its loop", () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await NatsServer.start();
  });
  afterAll(() => nats[Symbol.asyncDispose]());

  async function installation(namespace: string): Promise<Workplace> {
    const place = await workplace();
    await place.write("planwright.config.yaml", JSON.stringify({ nats: { servers: [nats.url], namespace } }));
    await place.write("own.tools.ts", TOOLS);
    return place;
  }

  /** Facts of the plan, with the attempts' ends. */
  async function facts(place: Workplace): Promise<readonly string[]> {
    const { stdout } = await place.run("history", "last", "--json");
    return [...stdout.matchAll(/"type":"(Step\w+)"/g)].map(([, type = ""]) => type);
  }

  it("is not lost while the tool computes for seconds", { timeout: SLOW_TEST_MS }, async () => {
    await using place = await installation("computes");
    await place.write("computing.yaml", planOf(7_000));
    const server = await serving(place, ["--tools", "own.tools.ts"]);
    const worker = await working(place, "--tools", "own.tools.ts");
    const ran = await place.run("submit", "computing.yaml", "--watch", "--plain");
    expect(ran.stdout, ran.stderr).toContain("computed");
    expect(await facts(place)).toEqual(["StepDispatched", "StepSucceeded"]);
    for (const one of [worker, server]) {
      one.kill("SIGTERM");
      await one.ended;
    }
  });

  it("is lost when the tool blocks it for longer than is believed", { timeout: SLOW_TEST_MS }, async () => {
    await using place = await installation("blocks");
    await place.write("computing.yaml", planOf(50_000));
    const server = await serving(place, ["--tools", "own.tools.ts"]);
    const worker = await working(place, "--tools", "own.tools.ts", "--stuck-after", "4s");
    const ran = await place.run("submit", "computing.yaml", "--watch", "--plain");
    expect(ran.code, ran.stderr).toBe(4);
    expect(await facts(place)).toEqual(["StepDispatched", "StepLost"]);
    worker.kill("SIGKILL");
    server.kill("SIGTERM");
    for (const one of [worker, server]) await one.ended;
  });
});
