// The command line beside coordinators that share a log on a server, and its payloads over NATS.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasNats, NatsServer } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { StandIn } from "../store/kurrent/stand-in.ts";
import { serving } from "./serving.ts";
import { expectHealthy, workplace, type Workplace } from "./workplace.ts";

const SLOW_TEST_MS = 120_000;

/** Its input and its output are too large for a fact. */
const BULKY =
  'plan: bulky\ninputs: { text: { type: string } }\nsteps:\n  big: { value: { all: "${inputs.text}" } }\nrespond: done\n';
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
});
