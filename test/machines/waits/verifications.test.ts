// What a tool that looks for an effect is asked, and what follows from what it saw.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import type { ToolStep } from "#events/definition.ts";
import { blobRef, inline, type Payload } from "#events/payload.ts";
import { begun, follows, recordOf, tell, valueAt } from "../begun.ts";
import { answerOne } from "../inside/answering.ts";
import { call, dispatched, lost, ONCE, planOf, started, succeeded, tool, WORKER } from "../plans.ts";

const REF = blobRef.parse("a".repeat(64));
const looking = (done: string, output: string): ToolStep["unknown"] => ({
  verify: call({ tool: "test.look" }),
  done,
  output,
});
const silent = (id: string, unknown: ToolStep["unknown"], needs: string[] = []) =>
  tool(id, { unknown, needs }, { idempotent: false });
const lose = (step: string, attempt = 1) => ({ type: "LoseAttempt", step, attempt, executor: WORKER }) as const;

/** A step `a` whose tool has looked for what it did, beside one that gave a blob. */
const looked = (unknown: ToolStep["unknown"], saw: Payload): readonly Fact[] => [
  ...started(planOf([tool("m"), silent("a", unknown, ["m"])])),
  dispatched("m"),
  succeeded("m", { output: { blob: REF, bytes: 50_000 } }),
  dispatched("a", { idempotent: false }),
  lost("a", { next: { kind: "unknown", policy: "verify" } }),
  fact("StepExpanded", { step: "a", from: 0, to: 1, total: 1_000, answers: 1 }),
  dispatched("a/0/verify", { tool: "test.look" }),
  succeeded("a/0/verify", { output: saw }),
];

describe("a verification", () => {
  it("is each step's own, beside another's in the same plan", () => {
    const driver = begun([
      silent("a", looking("output == 1", "${[output]}")),
      silent("b", looking("output == 2", "${{'b': output}}")),
    ]);
    for (const step of ["a", "b"]) tell(driver, lose(step));
    answerOne(driver, "a/0/verify", () => 1);
    answerOne(driver, "b/0/verify", () => 2);
    expect(recordOf(driver, "a").output).toEqual(inline([1]));
    expect(recordOf(driver, "b").output).toEqual(inline({ b: 2 }));
  });

  it.each([
    ["its condition", looking("output == steps.m.output.n", "${output}")],
    ["the output that it gives", looking("true", "${steps.m.output.n}")],
  ])("waits for blobs that %s reads", (_, unknown) => {
    const facts = looked(unknown, inline(7));
    expect(follows(facts)).toEqual({ kind: "needs-blobs", refs: [REF] });
    const resolution = { kind: "done", output: inline(7) };
    expect(follows(facts, { blobs: { get: () => ({ n: 7 }) } })).toMatchObject({
      facts: [{ type: "StepOutcomeResolved", data: { step: "a", attempt: 1, resolution } }],
    });
  });

  it("that finds nothing ends the attempt with what had ended it: nobody heard of it any more", () => {
    const driver = begun([silent("a", looking("output", "${output}"))]);
    tell(driver, lose("a"));
    answerOne(driver, "a/0/verify", () => false);
    expect(driver.events.at(-1)).toMatchObject({
      type: "StepFailed",
      data: {
        step: "a",
        attempt: 1,
        error: { category: "unavailable", code: "executor-lost" },
        next: { kind: "retry" },
      },
    });
  });
});

describe("an attempt of unknown outcome that is taken to have had no effect", () => {
  it("is repeated as often as an idempotent one, and then its step has failed", () => {
    const driver = begun([silent("a", "retry")]);
    for (const attempt of [1, 2, 3]) {
      tell(driver, lose("a", attempt));
      driver.now += ONCE.delayMs;
      driver.turn();
    }
    expect([valueAt(driver, "a"), recordOf(driver, "a").attempts.length]).toEqual(["failed", 3]);
  });

  it("of a fallback of what is no tool is a question to a person", () => {
    const fallback = [call({ idempotent: false })];
    const driver = begun([{ kind: "approve", id: "q", needs: [], join: "all", fallback }]);
    const hash = recordOf(driver, "q").wait?.approval?.hash ?? "";
    tell(driver, { type: "DecideApproval", step: "q", hash, verdict: "denied", by: "os:alice", roles: [] });
    tell(driver, lose("q"));
    expect(driver.events.at(-1)).toMatchObject({
      type: "StepLost",
      data: { next: { kind: "unknown", policy: "ask" } },
    });
  });
});
