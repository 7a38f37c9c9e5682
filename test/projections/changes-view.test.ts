import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import type { JsonObject } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { changesView, type ClassDocument } from "#projections/changes-view.ts";
import { classedOf, classOf } from "#projections/change-class.ts";
import { dispatched, EPOCH, failed, NOW, PLAN, succeeded } from "../machines/plans.ts";

const ESTIMATE = { optimisticMs: 1_000, likelyMs: 2_000, pessimisticMs: 5_000 };

type Remembered = NonNullable<Parameters<typeof changesView.key>[1]>;

/** Documents after some facts, kept as a projector keeps them; a second later each. */
function kept(...facts: readonly Fact[]) {
  const documents = new Map<string, ClassDocument>();
  let memory: Remembered | undefined;
  facts.forEach((one, second) => {
    const viewed = { plan: PLAN, fact: one, at: NOW + second * 1_000 };
    const before = memory;
    memory = changesView.memory?.evolve(before, viewed);
    const key = changesView.key(viewed, before);
    if (key === undefined) return;
    documents.set(key, changesView.evolve(documents.get(key) ?? changesView.initial(), viewed, before));
  });
  return { documents, memory };
}

function change(id: string, more: JsonObject = {}): JsonObject {
  const actions = [{ do: "write", path: "LICENSE", text: "MIT" }];
  return {
    id,
    remedy: "licence",
    difficulty: { level: 1, reasons: [] },
    estimate: ESTIMATE,
    files: ["LICENSE"],
    actions,
    ...more,
  };
}

function making(id: string, more: JsonObject = {}): Fact {
  return dispatched(id, { tool: "change.make", args: inline({ change: change(id, more) }) });
}

function merging(id: string): readonly Fact[] {
  const step = `${id}_merge`;
  return [dispatched(step, { tool: "change.merge", args: inline({ change: id, made: {} }) }), succeeded(step)];
}

describe("how long finished changes took", () => {
  it("is kept by remedy, difficulty and size, with what was estimated", () => {
    const { documents, memory } = kept(making("a"), succeeded("a"), ...merging("a"));
    expect([...documents]).toEqual([
      [
        "1/small/licence",
        {
          class: { remedy: "licence", level: 1, size: "small" },
          finished: 1,
          changes: [{ estimate: ESTIMATE, lines: 1, actualMs: 2_000, at: NOW + 3_000 }],
        },
      ],
    ]);
    expect(memory).toBeUndefined();
  });

  it("has the time of attempts that failed, and not that between them", () => {
    const retry = { kind: "retry", dueAt: NOW, delayMs: 0 } as const;
    const { documents } = kept(
      making("a"),
      failed("a", { next: retry }),
      dispatched("other"),
      succeeded("other"),
      making("a"),
      succeeded("a"),
      ...merging("a"),
    );
    expect(documents.get("1/small/licence")?.changes[0]?.actualMs).toBe(3_000);
  });

  it("has the time of making a change anew that did not go together with what came before", () => {
    const { documents, memory } = kept(
      making("a"),
      succeeded("a"),
      dispatched("a_merge", { tool: "change.merge", args: inline({ change: "a", made: {} }) }),
      failed("a_merge"),
      dispatched("a_resolve", { tool: "change.resolve", args: inline({ change: change("a") }) }),
      succeeded("a_resolve"),
    );
    expect(documents.get("1/small/licence")).toMatchObject({ finished: 1, changes: [{ lines: 1, actualMs: 3_000 }] });
    expect(memory).toBeUndefined();
  });

  it("counts nothing that was not merged, and forgets it with its plan", () => {
    const { documents, memory } = kept(making("a"), succeeded("a"), fact("PlanCancelled", { epoch: EPOCH }));
    expect(documents.size).toBe(0);
    expect(memory).toBeUndefined();
  });

  const APART = { blob: "0".repeat(64) as never, bytes: 50_000 };
  const madeApart = [dispatched("a", { tool: "change.make", args: APART }), succeeded("a")];

  it("says of a change whose arguments are kept apart what its merge says", () => {
    const classed = classedOf(change("a", { actions: [{ do: "write", path: "a", text: "line\n".repeat(10_000) }] }));
    const { documents } = kept(
      ...madeApart,
      dispatched("a_merge", { tool: "change.merge", args: APART }),
      succeeded("a_merge", { output: inline({ record: {}, classed }) }),
    );
    expect([...documents]).toEqual([
      [
        "1/large/licence",
        {
          class: { remedy: "licence", level: 1, size: "large" },
          finished: 1,
          changes: [{ estimate: ESTIMATE, lines: 10_001, actualMs: 2_000, at: NOW + 3_000 }],
        },
      ],
    ]);
  });

  it("says the same of one that was made anew", () => {
    const { documents } = kept(
      ...madeApart,
      dispatched("a_resolve_2", { tool: "change.resolve", args: APART }),
      succeeded("a_resolve_2", { output: inline({ classed: classedOf(change("a")) }) }),
    );
    expect(documents.get("1/small/licence")?.changes).toMatchObject([{ actualMs: 2_000 }]);
  });

  const UNREADABLE: readonly JsonObject[] = [
    {},
    { classed: 7 },
    { classed: { class: { remedy: "licence", level: 1, size: "huge" }, estimate: null, lines: 1 } },
    { classed: { class: { remedy: "licence", level: "1", size: "small" }, estimate: null, lines: 1 } },
    { classed: { class: { remedy: "licence", level: 1, size: "small" }, estimate: null } },
  ];

  it.each(UNREADABLE)("counts it in the class of what is not known where its merge says %j", (said) => {
    const { documents } = kept(
      ...madeApart,
      dispatched("a_merge", { tool: "change.merge", args: APART }),
      succeeded("a_merge", { output: inline(said) }),
    );
    expect([...documents.keys()]).toEqual(["0/unknown/"]);
  });

  it("has nothing of calls that take changes back", () => {
    const { documents, memory } = kept(
      dispatched("undo", { tool: "change.merge", undoes: "a_merge" }),
      succeeded("undo"),
    );
    expect(documents.size).toBe(0);
    expect(memory).toBeUndefined();
  });

  it("is bounded: of a class the oldest changes give way, and all are counted", () => {
    const many = Array.from({ length: 120 }, () => [making("a"), succeeded("a"), ...merging("a")]).flat();
    const [document] = kept(...many).documents.values();
    expect(document?.finished).toBe(120);
    expect(document?.changes).toHaveLength(100);
  });
});

describe("the size of a change", () => {
  const long = { do: "write", path: "a", text: "x".repeat(20_000) };
  const many = Array.from({ length: 9 }, (_, index) => `f${index}`);
  const sizes: readonly (readonly [string, JsonObject, string])[] = [
    ["one short file", {}, "small"],
    ["a pattern", { files: ["src/*.ts"] }, "medium"],
    ["long texts", { actions: [long] }, "large"],
    ["many files", { files: many }, "large"],
    ["nothing that can be read", { files: 7 }, "unknown"],
  ];

  it.each(sizes)("of %s is told", (_, more, size) => {
    expect(classOf(change("a", more)).size).toBe(size);
  });
});
