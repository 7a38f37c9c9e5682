import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { openPlanwright } from "#src/compose.ts";

// A request whose tool is on an MCP server that dies, hangs, lies or changes while the plan runs: a real process that speaks the SDK's
// protocol. There is always an answer that says what happened.

const folder = mkdtempSync(path.join(tmpdir(), "planwright-bad-servers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVER = fileURLToPath(new URL("weather-server.ts", import.meta.url));
const LONG_MS = 60_000;

interface Told {
  readonly status: string;
  readonly text: string;
  readonly definition: string;
}

/** What whoever asked is told: the response; the question that is left; or, where it is tried again later, what has failed so far. */
async function told(habit: string): Promise<Told> {
  const meteo = { command: process.execPath, args: [SERVER, habit], trust: true, timeout: "400ms" };
  await using planwright = await openPlanwright({
    ...{ store: mkdtempSync(path.join(folder, "store-")), root: folder, socket: false },
    mcp: { servers: { meteo } },
  });
  const { client } = planwright;
  const { plan } = await client.ask({ request: "Get the weather forecast for Oslo" });
  for await (const { type } of client.events({ plan }, { signal: AbortSignal.timeout(LONG_MS) })) {
    if (!["PlanFailed", "PlanSucceeded", "StepWaitStarted"].includes(type)) continue;
    const { status, response, awaited } = await client.get({ plan });
    const { facts } = await client.history({ plan });
    const failures = facts.flatMap((fact) => (/^Step(?:Failed|TimedOut|Lost)$/.test(fact.type) ? [fact] : []));
    const text = response ?? (awaited.length > 0 ? awaited.map((one) => one.text) : failures);
    const { definition } = await client.definition({ plan });
    await client.cancel({ plan }).catch(() => undefined);
    return { status, text: JSON.stringify(text), definition: JSON.stringify(definition) };
  }
  throw new Error("nothing was said");
}

describe("a request whose tool is on a server", { timeout: LONG_MS }, () => {
  it("that helps is answered", async () => {
    expect(await told("helps")).toMatchObject({ status: "succeeded", text: expect.stringContaining("sunny") });
  });

  it.each([
    ["dies", /unavailable|has ended|closed|gone/i],
    ["hangs", /TimedOut|took longer|timeout/i],
    ["lies", /schema|summary|output/i],
    ["changes", /get_tides|get_weather/],
  ])("that %s ends with an answer that says so, and calls nothing else", async (habit, said) => {
    const { status, text, definition } = await told(habit);
    expect(status).not.toBe("succeeded");
    expect(text).toMatch(said);
    expect(definition).not.toMatch(/get_tides"|shell\.|permissions/);
  });
});
