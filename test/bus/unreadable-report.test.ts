import { describe, expect, it } from "vitest";
import { executorId, planId } from "#events/ids.ts";
import { decodeForCoordinator, encodeMessage } from "#src/bus/wire.ts";
import { unreadableReport } from "#src/bus/unreadable-report.ts";
import type { Report } from "#src/ports/bus.ts";

const EXECUTOR = executorId.parse("worker-1.incarnation");
const KEY = {
  plan: planId.parse("0197c3a0-1111-7222-8333-444455556666"),
  step: "fetch/3/parse",
  attempt: 2,
  epoch: 7,
  edition: 1,
};
const REPORT: Report = {
  kind: "report",
  executor: EXECUTOR,
  key: KEY,
  outcome: { kind: "succeeded", output: null },
  durationMs: 5,
};

const read = (text: string) => unreadableReport(Buffer.from(text), "it is not right");

describe("a report that cannot be read", () => {
  it("names its attempt, and says why", () => {
    expect(read(JSON.stringify({ ...REPORT, durationMs: -1 }))).toEqual({
      kind: "report",
      executor: EXECUTOR,
      key: KEY,
      outcome: {
        kind: "failed",
        error: {
          category: "bug",
          code: "report-malformed",
          message: "the executor's report of the attempt cannot be read: it is not right",
        },
        isSilent: true,
      },
      durationMs: 0,
      saidKind: "succeeded",
    });
  });

  it("is a message of the bus itself, so that what follows from it can be recorded", () => {
    const { saidKind: _, ...report } = read(JSON.stringify({ ...REPORT, durationMs: -1 }))!;
    expect(decodeForCoordinator(encodeMessage(report))).toEqual(report);
  });

  it("is found in JSON that is none, and not in the texts that it carries", () => {
    const inside = JSON.stringify({ ...REPORT, key: { ...KEY, step: "other" } });
    const outer = JSON.stringify({ ...REPORT, outcome: { kind: "succeeded", output: [inside, 1] } });
    const text = outer.replace(",1]", ",NaN]");
    expect(() => void JSON.parse(text)).toThrow();
    expect(read(text)).toMatchObject({ key: KEY, saidKind: "succeeded" });
    expect(read(outer.replace(JSON.stringify(KEY), "{}").replace(",1]", ",NaN]"))).toBeUndefined();
  });

  it("is nothing where its sender or its attempt cannot be told", () => {
    for (const text of [
      "",
      "no JSON",
      "[]",
      JSON.stringify({ ...REPORT, kind: "offer" }),
      JSON.stringify({ ...REPORT, executor: "" }),
      JSON.stringify({ ...REPORT, key: { ...KEY, plan: "mine" } }),
    ])
      expect(read(text), text).toBeUndefined();
  });
});
