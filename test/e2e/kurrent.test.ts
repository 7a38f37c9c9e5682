// The command line over a log on a server, as a user has it: named by URL or configuration, with a folder of this machine beside it.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StandIn } from "../store/kurrent/stand-in.ts";
import { requireServer } from "../require.ts";
import type { Ran } from "./command.ts";
import { serving } from "./serving.ts";
import { expectHealthy, workplace, type Workplace } from "./workplace.ts";

const realUrl = process.env["PLANWRIGHT_KURRENTDB_URL"];
const SLOW_TEST_MS = 120_000;

const WAITS =
  "plan: waits\nsteps:\n  go: { signal: go }\n  said: { tool: text.wrap, with: { text: done, width: 40 }, needs: [go] }\nrespond: it is done\n";
const BULKY = 'plan: bulky\nsteps:\n  big: { tool: text.wrap, with: { text: "${inputs.text}", width: 40 } }\n';

/** A workplace whose configuration names the server, with a namespace of its own. */
async function configured(url: string): Promise<Workplace> {
  const place = await workplace();
  await place.write("planwright.config.yaml", `store: ${within(url)}\nlocal: beside\n`);
  await place.write("waits.yaml", WAITS);
  return place;
}

function within(url: string, namespace = `test-${randomUUID()}`): string {
  return `${url}${url.includes("?") ? "&" : "?"}namespace=${namespace}`;
}

interface Listed {
  readonly plans: readonly { readonly plan: string; readonly name: string; readonly status: string }[];
}

async function listed(place: Workplace, ...args: readonly string[]): Promise<readonly string[]> {
  const { plans } = jsonOf(await place.run("list", "--json", ...args)) as Listed;
  return plans.map(({ name, status }) => `${name} ${status}`);
}

function jsonOf(ran: Ran): unknown {
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout);
}

function commandsWork(urlOf: () => string): void {
  it("runs a plan, and shows it in every command that reads", { timeout: SLOW_TEST_MS }, async () => {
    await using place = await configured(urlOf());
    expect(await listed(place)).toEqual([]);
    const ran = await place.run("run", "good.yaml", "--plain");
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "fine\n" });
    expect(await listed(place)).toEqual(["good succeeded"]);
    for (const command of ["show", "history", "why"]) expect((await place.run(command, "last")).code, command).toBe(0);
    for (const command of ["stats", "doctor", "blobs"]) expect((await place.run(command)).code, command).toBe(0);
    expect(await expectHealthy(place)).toBeGreaterThan(2);
  });

  it("serves it to other processes, one of this machine at a time", { timeout: SLOW_TEST_MS }, async () => {
    await using place = await configured(urlOf());
    const server = await serving(place);
    expect((await place.run("submit", "waits.yaml")).code).toBe(0);
    const second = await place.run("run", "good.yaml", "--plain");
    expect(second).toMatchObject({ code: 5, stderr: expect.stringContaining("store-locked") as string });
    const watching = place.run("watch", "last", "--plain");
    expect((await place.run("signal", "last", "go")).code).toBe(0);
    expect((await watching).stdout).toContain("it is done");
    expect(await listed(place)).toEqual(["waits succeeded"]);
    server.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
  });

  it("goes on after its process was killed", { timeout: SLOW_TEST_MS }, async () => {
    await using place = await configured(urlOf());
    const server = await serving(place);
    expect((await place.run("submit", "waits.yaml")).code).toBe(0);
    server.kill("SIGKILL");
    await server.ended;
    expect((await place.run("signal", "last", "go")).code).toBe(0);
    const resumed = await place.run("resume", "last", "--plain");
    expect(resumed, resumed.stderr).toMatchObject({ code: 0, stdout: "it is done\n" });
    await expectHealthy(place);
  });

  it("says the same when what is kept beside the log is lost", { timeout: SLOW_TEST_MS }, async () => {
    await using place = await configured(urlOf());
    const text = "word ".repeat(20_000);
    await place.write("bulky.yaml", `inputs: { text: { type: string } }\n${BULKY}`);
    await place.write("inputs.json", JSON.stringify({ text }));
    const ran = await place.run("run", "bulky.yaml", "--plain", "--inputs", "inputs.json");
    expect(ran.code, ran.stderr).toBe(0);
    await rm(path.join(place.path, "beside", "store.db"));
    expect(await listed(place)).toEqual(["bulky succeeded"]);
    expect((await place.run("run", "good.yaml", "--plain")).code).toBe(0);
    await rm(path.join(place.path, "beside", "anchor.json"));
    expect(await listed(place)).toEqual(["good succeeded", "bulky succeeded"]);
    expect((await place.run("run", "good.yaml", "--plain")).code).toBe(0);
    expect(await listed(place)).toHaveLength(3);
    await expectHealthy(place);
  });

  it("lists what other machines ran over the same log", { timeout: SLOW_TEST_MS }, async () => {
    await using one = await workplace();
    await using other = await workplace();
    const store = ["--store", within(urlOf())];
    for (const place of [one, other, one]) {
      const ran = await place.run("run", "good.yaml", "--plain", ...store);
      expect(ran.code, ran.stderr).toBe(0);
    }
    for (const place of [one, other]) expect(await listed(place, ...store)).toEqual(Array(3).fill("good succeeded"));
  });

  it("names what is wrong with a server that is not there, and no password", { timeout: SLOW_TEST_MS }, async () => {
    await using place = await workplace();
    const away = "kurrentdb://ada:hunter2@127.0.0.1:1?tls=false";
    for (const command of [["list"], ["run", "good.yaml", "--plain"], ["doctor"], ["config"]]) {
      const { code, stdout, stderr } = await place.run(...command, "--store", away);
      expect(stdout + stderr).not.toContain("hunter2");
      if (command[0] === "config") continue;
      expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining("store-unavailable") as string });
    }
    const wrong = await place.run("list", "--store", "kurrentdb://ada:hunter2@127.0.0.1:1?tsl=false");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("store-address-invalid") as string });
    expect(wrong.stderr).not.toContain("hunter2");
  });
}

describe("a log on a server, which a stand-in is", () => {
  const standIn = new StandIn();
  beforeAll(async () => {
    await standIn.listen();
  });
  afterAll(() => standIn[Symbol.asyncDispose]());
  commandsWork(() => standIn.url);

  it("does not believe what it kept of a server that was set up anew", { timeout: SLOW_TEST_MS }, async () => {
    await using place = await workplace();
    const first = await new StandIn().listen();
    const store = ["--store", within(first.url)];
    for (let run = 0; run < 2; run++) expect((await place.run("run", "good.yaml", "--plain", ...store)).code).toBe(0);
    expect(await listed(place, ...store)).toHaveLength(2);
    await first[Symbol.asyncDispose]();
    await using second = new StandIn();
    second.port = first.port;
    await second.listen();
    expect(await listed(place, ...store)).toEqual([]);
    // One that is longer than what was kept is another log all the same.
    for (let run = 0; run < 3; run++) expect((await place.run("run", "good.yaml", "--plain", ...store)).code).toBe(0);
    expect(await listed(place, ...store)).toHaveLength(3);
  });
});

requireServer("kurrent", realUrl !== undefined)("a log on a server", () => {
  commandsWork(() => realUrl ?? "");
});
