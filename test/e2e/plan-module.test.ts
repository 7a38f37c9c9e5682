import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { workplace, type Workplace } from "./workplace.ts";

// Plans written as code, from the shell's side.

const ZOD = fileURLToPath(new URL("../../node_modules/zod", import.meta.url));

const TOOLS = `
import { z } from "zod";
import { defineTool } from "planwright";
export const shout = defineTool({
  name: "own.shout", version: "1.0.0", description: "Says it loudly.",
  input: z.object({ text: z.string() }), output: z.string(), sideEffects: "read",
  run: ({ text }) => text.toUpperCase(),
});
`;

const PLAN = `
import { definePlan, text } from "planwright";
import { shout } from "./own.tools.ts";
const inner = definePlan({ plan: "inner", inputs: { word: { type: "string" } } }, ({ inputs, step }) => {
  const loud = step.tool("loud", shout, { with: { text: inputs.word } });
  return { outputs: { loud: loud.output } };
});
export const other = inner;
export const plan = definePlan({ plan: "hello", inputs: { name: { type: "string" } } }, ({ inputs, step }) => {
  const called = step.call("called", inner, { with: { word: inputs.name } });
  return { respond: text\`Hello \${called.output.loud}\` };
});
`;

/** With the tools, the plan, and the package that the tools need. */
async function madePlace(): Promise<Workplace> {
  const place = await workplace();
  await mkdir(path.join(place.path, "node_modules"));
  await symlink(ZOD, path.join(place.path, "node_modules", "zod"));
  await place.write("own.tools.ts", TOOLS);
  await place.write("hello.plan.ts", PLAN);
  return place;
}

describe("a module that exports a plan", () => {
  it("is run and validated as the plan", async () => {
    await using place = await madePlace();
    const valid = await place.run("validate", "hello.plan.ts", "--tools", "./own.tools.ts");
    expect(valid, valid.stderr).toMatchObject({ code: 0, stdout: "valid: plan hello, 1 step\n  called\n" });
    const ran = await place.run(
      ...["run", "hello.plan.ts", "--tools", "./own.tools.ts", "--input", "name=ada", "--plain"],
    );
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: "Hello ADA\n" });
  });

  it("shows a finding in the JSON that the plan is", async () => {
    await using place = await madePlace();
    const untooled = await place.run("validate", "hello.plan.ts");
    expect(untooled.code).toBe(2);
    expect(untooled.stderr).toMatch(
      /hello\.plan\.ts \(a plan that it calls, as JSON\):\d+:\d+: error unknown-tool: there is no tool "own\.shout"/,
    );
  });

  it.each([
    ["no-such.plan.ts", "", "plan-file-unreadable"],
    ["thrown.plan.ts", 'throw new Error("no database here");', "plan-module-failed"],
    ["empty.plan.mjs", 'export const plan = "plan: text";', "plan-module-empty"],
    ["many.plan.js", 'export const a = { plan: "a", steps: {} }, b = { plan: "b", steps: {} };', "plan-module-unclear"],
  ])("is refused by name where it is wrong: %s", async (file, text, code) => {
    await using place = await workplace();
    if (text !== "") await place.write(file, text);
    const ran = await place.run("run", path.join(".", file), "--json");
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code, next: expect.stringMatching(/./) } });
  });
});
