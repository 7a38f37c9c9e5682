import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BAD_TOOLS, expectHealthy, usedWorkplace, type Workplace } from "./workplace.ts";

// Tools that misbehave: the plan fails with a code that says how, the process ends, and the log is whole.

let place: Workplace;

beforeAll(async () => {
  place = await usedWorkplace();
});

afterAll(() => place[Symbol.asyncDispose]());

async function expectFailed(tool: string, says: RegExp): Promise<void> {
  const plan = `plan: bad\nsteps:\n  culprit: { tool: ${tool}, timeout: 400ms, retry: 1 }\n`;
  const file = await place.write(`${tool}.yaml`, plan);
  const ran = await place.run("run", file, "--tools", BAD_TOOLS, "--plain");
  expect(ran.code, ran.stderr).toBe(1);
  expect(ran.stdout).toMatch(/^0 of 1 step done\. culprit failed because: .*Next: .*\n$/);
  expect(ran.stderr).toMatch(says);
  expect(ran.stderr).toMatch(/steps-failed: culprit failed/);
  await expectHealthy(place);
}

describe("a tool", () => {
  it("that returns what its schema forbids fails its step, and the place is named", async () => {
    await expectFailed("bad.forbidden", /culprit: failed \(bug forbidden-output: .*output\.amount/);
  });

  it("that throws a non-Error fails its step with what it threw", async () => {
    await expectFailed("bad.throws", /culprit: failed \(unknown.*just a text/);
  });

  it("that never returns ends with its timeout", async () => {
    await expectFailed("bad.endless", /culprit: took longer than its timeout \(attempt-timed-out\)/);
  });

  it("that ignores its AbortSignal is given up, and does not keep the process alive", async () => {
    await expectFailed("bad.deaf", /culprit: took longer than its timeout \(attempt-timed-out\)/);
  });

  it("that returns 50 MB fails its step, and none of it is stored", async () => {
    await expectFailed("bad.huge", /culprit: failed \(resource-exhausted output-too-large/);
  });
});
