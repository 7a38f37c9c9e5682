import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  checkInputs,
  checkPlan,
  defineTool,
  declaredSecrets,
  examine,
  openPlanwright,
  openReader,
  parsePlan,
  secret,
  selectProgress,
  sweepBlobs,
  type PlanDefinition,
  type ToolRegistry,
} from "#src/index.ts";
import { temporaryFolder } from "./store/folder.ts";

// The door of the library, as a user's program goes through it.

const NEVER = new AbortController().signal;

const double = defineTool({
  name: "math.double",
  version: "1.0.0",
  description: "Doubles a number.",
  input: z.strictObject({ number: z.number() }),
  output: z.number(),
  sideEffects: "read",
  run: ({ number }) => number * 2,
});

function definitionOf(text: string, tools: ToolRegistry): PlanDefinition {
  const parsed = parsePlan(text, { file: "plan.yaml" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  const checked = checkPlan(parsed.source, { tools });
  if (!checked.ok) throw new Error(JSON.stringify(checked.findings));
  return checked.definition;
}

const PLAN = `
plan: doubled
inputs:
  number: { type: number }
steps:
  twice: { tool: math.double, with: { number: "\${inputs.number}" } }
respond: "\${steps.twice.output}"
`;

describe("a program that uses the library", () => {
  it("runs a plan with its own tool, and reads it again after closing", async () => {
    await using folder = await temporaryFolder();
    const store = path.join(folder.path, "store");
    let plan;
    {
      await using planwright = await openPlanwright({ store, tools: [double] });
      const definition = definitionOf(PLAN, planwright.tools);
      const inputs = checkInputs(definition, { number: 21 });
      expect(inputs).toMatchObject({ ok: true });
      plan = await planwright.engine.start(definition, { number: 21 });
      const state = await planwright.engine.settled(plan, NEVER);
      expect(selectProgress(state, 0)).toMatchObject({ status: "succeeded", ended: 1 });
      expect(state.response).toEqual({ inline: 42 });
    }
    await using reader = await openReader({ store });
    expect((await reader.plans.history(plan)).at(-1)?.fact.type).toBe("PlanSucceeded");
    expect(await examine({ events: reader.events, blobs: reader.blobs })).toMatchObject({ problems: [] });
  });

  it("is told of a plan that ended before anybody asked", async () => {
    await using folder = await temporaryFolder();
    await using planwright = await openPlanwright({ store: folder.path });
    const definition = definitionOf("plan: quick\nsteps:\n  one: { value: 1 }\n", planwright.tools);
    const plan = await planwright.engine.start(definition, {});
    const state = await planwright.engine.settled(plan, NEVER);
    expect(selectProgress(state, 0).status).toBe("succeeded");
  });

  it("may put a tool of its own in the place of a built-in one", async () => {
    await using folder = await temporaryFolder();
    const own = defineTool({ ...double, name: "fs.read" });
    await using planwright = await openPlanwright({ store: folder.path, tools: [own] });
    expect(planwright.tools.get("fs.read")?.description).toBe("Doubles a number.");
    expect(planwright.tools.get("fs.write")?.description).toMatch(/Writes a file/);
  });

  it("says where secrets are, and what plans may take together", async () => {
    await using folder = await temporaryFolder();
    const directory = path.join(folder.path, "secrets");
    await mkdir(directory);
    await writeFile(path.join(directory, "TOKEN"), "1234567\n");
    const measure = defineTool({
      ...double,
      name: "secret.length",
      input: z.strictObject({ token: secret() }),
      run: async ({ token }, context) => (await context.secret(token)).length,
    });
    const secrets = declaredSecrets({ files: { directory } });
    const limits = { pools: { gpu: { slots: 1 } }, keys: { "*": { limit: 2 } } };
    const store = path.join(folder.path, "store");
    await using planwright = await openPlanwright({ store, tools: [measure], secrets, limits });
    const definition = definitionOf(
      "plan: told\nsteps:\n  one: { tool: secret.length, with: { token: { $secret: TOKEN } } }\nrespond: ${steps.one.output}\n",
      planwright.tools,
    );
    const plan = await planwright.engine.start(definition, {});
    expect((await planwright.engine.settled(plan, NEVER)).response).toEqual({ inline: 7 });
  });

  it("sweeps blobs while its engine is open", async () => {
    await using folder = await temporaryFolder();
    const before = await openPlanwright({ store: folder.path });
    await before.store.blobs.put(Buffer.from("no fact will cite this"));
    const whole = { events: before.store.events, blobs: before.store.blobs };
    expect(await sweepBlobs(whole, { graceMs: -1_000 })).toMatchObject({ garbage: { blobs: 0 }, young: { blobs: 1 } });
    await before[Symbol.asyncDispose]();
    await using after = await openPlanwright({ store: folder.path });
    const { events, blobs } = after.store;
    expect(await sweepBlobs({ events, blobs }, { graceMs: -1_000 })).toMatchObject({
      garbage: { blobs: 1, bytes: 22 },
    });
  });

  it("finds blobs that facts cite and that are gone", async () => {
    await using folder = await temporaryFolder();
    const big = defineTool({ ...double, name: "big.text", output: z.string(), run: () => "x".repeat(100_000) });
    await using planwright = await openPlanwright({ store: folder.path, tools: [big] });
    const definition = definitionOf(
      "plan: big\nsteps:\n  one: { tool: big.text, with: { number: 1 } }\n",
      planwright.tools,
    );
    await planwright.engine.settled(await planwright.engine.start(definition, {}), NEVER);
    const { events } = planwright.store;
    const blobs = { get: () => Promise.reject(new Error("gone")) };
    const examined = await examine({ events, blobs });
    expect(examined).toMatchObject({ blobs: 1, problems: [{ code: "unreadable", message: "gone" }] });
    expect(await examine({ events, blobs: planwright.store.blobs })).toMatchObject({ blobs: 1, problems: [] });
  });
});
