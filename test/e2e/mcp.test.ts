import { existsSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { callLine, INITIALIZE, mcpProcess, rawProcess } from "./mcp-process.ts";
import { serving } from "./serving.ts";
import { expectHealthy, workplace } from "./workplace.ts";

// `planwright mcp` with a client of the SDK, as an agent or an editor runs it.

const QUICK = "plan: quick\nsteps:\n  one: { value: 1 }\nrespond: fine\n";
const NAP = "plan: napping\nsteps:\n  nap: { wait: 1h }\n";

/** Prints where the messages of the protocol go. */
const LOUD_TOOLS = fileURLToPath(new URL("../fixtures/tools/loud.tools.ts", import.meta.url));

describe("planwright mcp", () => {
  it("holds the store where nobody does, and serves other terminals beside its client", async () => {
    await using place = await workplace();
    const it_ = await mcpProcess(place);
    const { plan, report } = await it_.call("plan_submit", { source: QUICK, waitSeconds: 30 });
    expect(report).toMatchObject({ status: "succeeded", response: "fine" });
    const listed = await place.run("list", "--json");
    expect(listed.stdout).toContain(plan);
    expect((await place.run("submit", "good.yaml", "--watch", "--plain")).stdout).toBe("fine\n");
    expect((await place.run("status")).stdout).toMatch(/planwright mcp/);
    expect((await it_.call("plan_list")).plans).toHaveLength(2);
    expect(it_.stderr()).toMatch(/this process holds/);
    await it_[Symbol.asyncDispose]();
    expect(() => process.kill(it_.pid, 0)).toThrow();
    expect(existsSync(path.join(place.store, "holder.json"))).toBe(false);
    await expectHealthy(place);
  });

  it("answers what is asked in a sentence, and asks back, whoever holds the store", async () => {
    await using place = await workplace();
    const alone = await mcpProcess(place);
    const asked = await alone.call("plan_ask", { request: "count the words", context: { text: "one two" } });
    expect(asked.report).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 2") });
    await alone[Symbol.asyncDispose]();
    const holder = await serving(place);
    await using it_ = await mcpProcess(place);
    const open = await it_.call("plan_ask", { request: "count the words" });
    expect(open.report).toMatchObject({ awaited: [{ questions: [{ id: "text.count.text" }] }] });
    const { report } = await it_.call("plan_answer", { plan: open.plan, answer: "one two three" });
    expect(report).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 3") });
    holder.kill("SIGTERM");
    await holder.ended;
  });

  it("asks the process that holds the store, says when it is gone, and finds the next one", async () => {
    await using place = await workplace();
    const first = await serving(place);
    await using it_ = await mcpProcess(place);
    const { plan } = await it_.call("plan_submit", { source: NAP });
    expect(it_.stderr()).toMatch(new RegExp(`held by process ${first.pid} \\(planwright serve\\)`));
    const waiting = it_.call("plan_wait", { plan, waitSeconds: 300 });
    const pausing = waiting.catch((error: unknown) => error);
    await it_.call("plan_status", { plan });
    first.kill("SIGKILL");
    await first.ended;
    const second = await serving(place);
    expect(await it_.call("plan_status", { plan })).toMatchObject({ plan, status: "running" });
    // A question that only looks is asked again there.
    await it_.call("plan_cancel", { plan });
    expect(await pausing).toMatchObject({ status: "cancelled" });
    second.kill("SIGTERM");
    await second.ended;
    // Where nobody comes back, this process takes the place, and what was left goes on here.
    expect(await it_.call("plan_submit", { source: QUICK, waitSeconds: 30 })).toMatchObject({
      report: { status: "succeeded" },
    });
    expect(it_.stderr()).toMatch(/this process holds/);
  });

  it("serves two clients of one store, and the second takes over when the first ends", async () => {
    await using place = await workplace();
    const first = await mcpProcess(place);
    await using second = await mcpProcess(place);
    const [one, two] = await Promise.all(
      [first, second].map((each) => each.call("plan_submit", { source: QUICK, waitSeconds: 30 })),
    );
    expect(new Set([one?.plan, two?.plan]).size).toBe(2);
    const { plan } = await first.call("plan_submit", { source: "plan: soon\nsteps:\n  nap: { wait: 500ms }\n" });
    await first[Symbol.asyncDispose]();
    expect(await second.call("plan_wait", { plan, waitSeconds: 60 })).toMatchObject({ status: "succeeded" });
    expect((await second.call("plan_list")).plans).toHaveLength(3);
  });

  it("refuses options that mean this process where another one holds the store", async () => {
    await using place = await workplace();
    const server = await serving(place);
    const refused = await place.run("mcp", "--slots", "2");
    expect(refused.code).toBe(5);
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toMatch(/store-locked/);
    server.kill("SIGTERM");
    await server.ended;
  });
});

describe("the streams of planwright mcp", () => {
  it("carry messages and nothing else, whatever comes in and whatever tools print", async () => {
    await using place = await workplace();
    const it_ = rawProcess(place, "--tools", LOUD_TOOLS);
    it_.send(
      INITIALIZE,
      "{ broken",
      "",
      "null",
      "[]",
      '{"jsonrpc":"2.0","id":{},"method":7}',
      "\u0000\uFFFD".repeat(100),
    );
    it_.send(
      '{"jsonrpc":"2.0","id":9,"method":"no/such/method"}',
      `{"jsonrpc":"2.0","id":10,"method":"${"x".repeat(1e6)}"}`,
    );
    const source = { plan: "loud", steps: { shout: { tool: "loud.shout" } } };
    it_.send(callLine(2, "plan_submit", { source, waitSeconds: 30 }));
    expect(await it_.until('"id":2')).toContain('\\"status\\":\\"succeeded\\"');
    expect(await it_.until('"id":9')).toContain("-32601");
    it_.end();
    const { code, lines, stderr } = await it_.ended;
    expect(code).toBe(0);
    for (const line of lines) expect(JSON.parse(line), line).toMatchObject({ jsonrpc: "2.0" });
    expect(stderr).toMatch(/printed by a tool/);
    expect(stderr).toMatch(/a message over MCP was not taken/);
  });

  it("leave out a line that is too long, and go on", async () => {
    await using place = await workplace();
    const it_ = rawProcess(place);
    it_.send(INITIALIZE, "x".repeat(20 * 1024 * 1024), callLine(2, "plan_list", {}));
    expect(await it_.until('"id":2')).toContain("plans");
    it_.end();
    const { code, stderr } = await it_.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/20971520 bytes is over the limit/);
  });

  it.each(["SIGTERM", "SIGINT", "the end of the input"] as const)("end at %s within a second", async (how) => {
    await using place = await workplace();
    const it_ = rawProcess(place);
    it_.send(INITIALIZE, callLine(2, "plan_submit", { source: NAP }));
    await it_.until('"id":2');
    it_.send(
      callLine(3, "plan_wait", { plan: "last", waitSeconds: 300 }),
      callLine(4, "plan_status", { plan: "last" }),
    );
    await it_.until('"id":4');
    const from = performance.now();
    if (how === "the end of the input") it_.end();
    else it_.kill(how);
    const { code, stderr } = await it_.ended;
    expect(code, stderr).toBe(0);
    // Twice what is promised: the machine may be busy.
    expect(performance.now() - from).toBeLessThan(2_000);
    expect(existsSync(path.join(place.store, "holder.json"))).toBe(false);
    await expectHealthy(place);
  });
});
