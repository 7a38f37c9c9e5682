import { describe, it } from "vitest";
import type { ToolStep } from "#events/definition.ts";
import { errorOf, type ErrorCategory } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import type { Next } from "#events/step-facts.ts";
import { reportAttempt } from "#machines/decide/report.ts";
import { scenario } from "#src/testing/scenario.ts";
import { call, dispatched, failed, NOW, ONCE, planOf, started, succeeded, THRICE, timedOut, tool } from "../plans.ts";
import { failure, report, silence, success } from "../reports.ts";

const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
const verify = { verify: call({ tool: "test.look" }), done: "${output}", output: null };
const retry: Next = { kind: "retry", delayMs: 100, dueAt: NOW + 100 };

interface Policy {
  readonly policy: string;
  readonly fields: Partial<Pick<ToolStep, "unknown" | "undo" | "retry">>;
  readonly next: Next;
}

const policies: readonly Policy[] = [
  { policy: "ask", fields: { unknown: "ask" }, next: { kind: "unknown", policy: "ask" } },
  { policy: "undo", fields: { unknown: "undo", undo }, next: { kind: "unknown", policy: "undo" } },
  { policy: "undo without an undo call", fields: { unknown: "undo" }, next: { kind: "unknown", policy: "ask" } },
  { policy: "ask, with an undo call", fields: { unknown: "ask", undo }, next: { kind: "unknown", policy: "ask" } },
  { policy: "verify", fields: { unknown: verify }, next: { kind: "unknown", policy: "verify" } },
  { policy: "retry", fields: { unknown: "retry" }, next: retry },
];

describe("a non-idempotent attempt that nobody answers for", () => {
  it.each(policies)("is followed by what its policy says: $policy", ({ fields, next }) => {
    const plan = planOf([tool("a", fields, { idempotent: false })]);
    scenario(reportAttempt)
      .given(started(plan), dispatched("a", { idempotent: false }))
      .when(report(silence))
      .then(timedOut("a", { next }));
  });

  it.each(policies.filter(({ policy }) => policy !== "retry"))(
    "of a fallback is a question for a person, where the step's own policy is $policy",
    ({ fields }) => {
      const fallback = [call({ tool: "test.other", idempotent: false })];
      const plan = planOf([tool("a", { ...fields, fallback }, { idempotent: false })]);
      const second = { attempt: 2, alternative: 0, tool: "test.other", idempotent: false } as const;
      scenario(reportAttempt)
        .given(
          started(plan),
          dispatched("a"),
          failed("a", { next: { kind: "fallback", index: 0 } }),
          dispatched("a", second),
        )
        .when(report(silence, 2))
        .then(timedOut("a", { attempt: 2, next: { kind: "unknown", policy: "ask" } }));
    },
  );
});

describe("an attempt", () => {
  const plan = planOf([tool("a", { retry: THRICE })]);

  it("is recorded with the time that it took, where its executor says so", () => {
    const took = { durationMs: 40 };
    scenario(reportAttempt)
      .given(started(plan), dispatched("a"))
      .when({ ...report(success), ...took })
      .then(succeeded("a", took));
    scenario(reportAttempt)
      .given(started(plan), dispatched("a"))
      .when({ ...report(failure), ...took })
      .then(failed("a", { next: retry, ...took }));
  });

  it("that was silent in its own words is one that nobody answers for", () => {
    const once = planOf([tool("a", { retry: THRICE }, { idempotent: false })]);
    const isSilent = true;
    scenario(reportAttempt)
      .given(started(once), dispatched("a", { idempotent: false }))
      .when(report({ ...failure, isSilent }))
      .then(failed("a", { next: { kind: "unknown", policy: "ask" }, isSilent }));
  });
});

describe("a fallback that is for some failures", () => {
  const other = { ...call({ tool: "test.other" }), on: ["unavailable" as const] };
  const fallback = [other, { value: 1, on: ["timeout" as const] }, { value: 2 }];
  const plan = planOf([tool("a", { fallback })]);
  const second = { attempt: 2, alternative: 0, tool: "test.other" } as const;
  const failing = (category: ErrorCategory) => ({ kind: "failed" as const, error: errorOf(category, "test", "") });
  const next = (index: number): Next => ({ kind: "fallback", index });

  it.each([
    ["unavailable", 0],
    ["timeout", 1],
    ["conflict", 2],
  ] as const)("follows its own: after %s comes number %i", (category, index) => {
    scenario(reportAttempt)
      .given(started(plan), dispatched("a"))
      .when(report(failing(category)))
      .then(failed("a", { error: errorOf(category, "test", ""), next: next(index) }));
  });

  it("follows a silence by what a silence is", () => {
    scenario(reportAttempt)
      .given(started(plan), dispatched("a"))
      .when(report(silence))
      .then(timedOut("a", { next: next(1) }));
  });

  it("is chosen by what the fallback before it failed with, and never one that was passed over", () => {
    const given = [...started(plan), dispatched("a"), failed("a", { next: next(0) }), dispatched("a", second)];
    const then = (category: ErrorCategory, index: number) =>
      scenario(reportAttempt)
        .given(given)
        .when(report(failing(category), 2))
        .then(failed("a", { attempt: 2, error: errorOf(category, "test", ""), next: next(index) }));
    then("unavailable", 2);
    then("timeout", 1);
  });

  it("is none where there is none for this failure: the step has failed", () => {
    scenario(reportAttempt)
      .given(started(planOf([tool("a", { fallback: [other] })])), dispatched("a"))
      .when(report(failing("conflict")))
      .then(failed("a", { error: errorOf("conflict", "test", ""), next: { kind: "final" } }));
  });
});

describe("a fallback's output", () => {
  const fits = { type: "object", properties: { size: { type: "object", properties: { x: { type: "number" } } } } };
  const fallback = [call({ tool: "test.other" })];
  const plan = planOf([tool("a", { fallback, fits })]);
  const second = { attempt: 2, alternative: 0, tool: "test.other" } as const;
  const given = [
    ...started(plan),
    dispatched("a"),
    failed("a", { next: { kind: "fallback", index: 0 } }),
    dispatched("a", second),
  ];

  it("fails the attempt where what reads the step was not checked against it", () => {
    const blamed = (output: unknown, place: string) =>
      scenario(reportAttempt)
        .given(given)
        .when(report({ kind: "succeeded", output: inline(output as never) }, 2))
        .then(
          failed("a", {
            attempt: 2,
            error: errorOf(
              "validation",
              "fallback-output",
              `fallback 1 gives what the step's own tool never does: ${place}`,
            ),
          }),
        );
    blamed({ size: { x: "wide" } }, "size.x: number is wanted, this is a text");
    blamed("nothing", "object is wanted, this is a text");
  });

  it("counts where it fits, and the step's own is taken as its tool has checked it", () => {
    const output = inline({ size: { x: 1 } });
    scenario(reportAttempt)
      .given(given)
      .when(report({ kind: "succeeded", output }, 2))
      .then(succeeded("a", { attempt: 2, output }));
    scenario(reportAttempt).given(started(plan), dispatched("a")).when(report(success)).then(succeeded("a"));
  });
});
