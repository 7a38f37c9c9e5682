import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { validate, type ValidateFlags } from "#src/cli/commands/validate.ts";
import { run } from "#src/cli/commands/run.ts";
import { EXIT } from "#src/cli/exit-code.ts";
import { saidTerminal } from "./said-terminal.ts";

// `validate --estimate` as a person calls it, without a store and beside one in which the tool has run.

const folder = mkdtempSync(path.join(tmpdir(), "planwright-estimate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const STORE = path.join(folder, "store");

function fileOf(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function validated(file: string, flags: Partial<ValidateFlags> = {}) {
  const { said, terminal } = saidTerminal();
  const code = await validate(file, { input: [], estimate: true, store: STORE, ...flags }, terminal);
  return { code, text: said.join("\n") };
}

const COUNTS = Array.from({ length: 6 }, (_, index) => `  c${index}: { tool: text.count, with: { text: a } }\n`);
const COUNTING = fileOf("counting.yaml", `plan: counting\nsteps:\n${COUNTS.join("")}`);

describe("planwright validate --estimate", () => {
  it("tells what a plan takes, with what it stands on, and needs no store", async () => {
    const file = fileOf("waiting.yaml", "plan: waiting\nsteps:\n  a: { wait: 10s }\n  b: { wait: 20s, needs: [a] }\n");
    const { code, text } = await validated(file);
    expect(code).toBe(EXIT.ok);
    expect(text).toContain("estimate: half of all runs take 30.0s at most, nine of ten 30.0s; 100 % succeed");
    expect(text).toContain("critical path: a -> b");
    expect(text).toContain("declared, from 10.0s on, critical");
    expect((await validated(COUNTING)).text).toContain("assumed, from 0ms on");
  });

  it("knows the tools of the store from their runs", async () => {
    const { terminal } = saidTerminal();
    const flags = { input: [], store: STORE, root: folder, plain: true };
    expect(await run(COUNTING, flags, terminal)).toBe(EXIT.ok);
    const { code, text } = await validated(COUNTING, { json: true });
    expect(code).toBe(EXIT.ok);
    const { estimate } = JSON.parse(text) as { estimate: { steps: { basis: string; p50: number }[] } };
    expect(estimate.steps.map(({ basis }) => basis)).toEqual(COUNTS.map(() => "observed"));
    expect(estimate.steps[0]?.p50).toBeLessThan(1_000);
  });

  it("refuses what fails on a branch, with the place in the file", async () => {
    const file = fileOf(
      "skipped.yaml",
      "plan: skipped\ninputs: { yes: { type: boolean } }\nsteps:\n  a: { value: 1, when: '${inputs.yes}' }\nrespond: ${steps.a.output}\n",
    );
    const { code, text } = await validated(file);
    expect(code).toBe(EXIT.usage);
    expect(text).toContain(`${file}:5:12: error unbound-output: steps.a.output is not there`);
    expect(text).toContain("did you mean has(steps.a.output) ? steps.a.output : null?");
    expect((await validated(file, { estimate: false })).code).toBe(EXIT.ok);
  });

  it("warns of a deadline that one run in ten misses, and refuses one that half of them miss", async () => {
    const plan = (deadline: string) =>
      fileOf(
        "late.yaml",
        `plan: late\ndeadline: ${deadline}\nsteps:\n  a: { tool: git.log, estimate: 10s, with: { range: HEAD } }\n`,
      );
    const store = path.join(folder, "empty");
    const atRisk = await validated(plan("15s"), { store });
    expect([atRisk.code, atRisk.text.includes("warning deadline-at-risk")]).toEqual([EXIT.ok, true]);
    const missed = await validated(plan("5s"), { store });
    expect([missed.code, missed.text.includes("late.yaml:2:11: error deadline-missed")]).toEqual([EXIT.usage, true]);
  });
});
