import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileTemplate } from "#machines/expressions/template.ts";
import { fitsPatterns } from "#src/implementation/drafting/file-patterns.ts";
import type { Change } from "#src/implementation/changes/change.ts";
import { ancestorsIn, assessed, draftOf, fileOf, plannedOf, writing } from "./kit.ts";
import { drafted, type Draft } from "#src/implementation/drafting/drafted.ts";

const PATHS = [
  "a",
  "b",
  "src/a.ts",
  "src/b.ts",
  "src/deep/c.ts",
  "docs/x.md",
  "name with\nnewline",
  "${steps.x.output}",
  "[a]",
];
const PATTERNS = ["src/**", "**/*.ts", "*", "docs/*", "{a,b}", "**"];
const ids = Array.from({ length: 12 }, (_, at) => (at % 3 === 0 ? `gap-${at}` : `gap_${at}`));

const someIds = fc.subarray(ids, { maxLength: 3 });
const action = fc.oneof(
  fc.record({
    do: fc.constant("write"),
    path: fc.constantFrom(...PATHS),
    text: fc.constantFrom("x", "${inputs.a}", "$${"),
  }),
  fc.record({ do: fc.constant("delete"), path: fc.constantFrom(...PATHS) }),
  fc.record({ do: fc.constant("run"), run: fc.constant(["node", "src/a.ts"]) }),
);
const remedy = fc.record(
  {
    name: fc.constantFrom("one", "two"),
    needs: someIds,
    files: fc.array(fc.constantFrom(...PATTERNS), { maxLength: 2 }),
    actions: fc.array(action, { minLength: 1, maxLength: 3 }),
    risk: fc.constantFrom("low", "medium", "high"),
    irreversible: fc.boolean(),
    cost: fc.integer({ min: 0, max: 100 }),
  },
  { requiredKeys: ["name", "actions"] },
);
const requirement = (id: string) =>
  fc.record({
    id: fc.constant(id),
    needs: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, someIds),
    check: fc.oneof(
      fc.record({ kind: fc.constant("file"), files: fc.constantFrom(...PATHS.filter((path) => !path.includes("$"))) }),
      fc.record({ kind: fc.constant("command"), run: fc.constant(["node", "src/b.ts"]) }),
    ),
    remedies: fc.array(remedy, { maxLength: 3 }),
  });
const capabilities = fc.tuple(...ids.map(requirement));
const POLICIES = [
  { name: "risky", when: 'change.risk == "high"', for: "change", role: "owner" },
  { name: "dear", when: "change.cost > 50", expires: "2d", approvers: 2 },
  { name: "wide", when: 'size(change.files) > 1 || change.files.exists(f, f == "**")' },
];

/** With those of its alternatives. */
const filesOf = ({ files, alternatives = [] }: Change) => [...files, ...alternatives.flatMap((one) => one.files)];

/** Each change is a step of the plan, which waits for the approvals that its ways want. */
function expectSteps(draft: Draft): void {
  const { changes } = draft;
  const { definition } = plannedOf(draft);
  const steps = new Map(definition.steps.map((step) => [step.id, step]));
  for (const { change } of changes) {
    const made = steps.get(change.id);
    // Whatever is in it is what the tool is given.
    expect(made?.kind === "tool" && made.needs.includes("ready")).toBe(true);
    const ways = [change, ...(change.alternatives ?? [])];
    expect(made?.needs.includes(`approve_risky_${change.id}`)).toBe(ways.some(({ risk }) => risk === "high"));
    expect(made?.needs.includes("approve_dear")).toBe(ways.some(({ cost = 0 }) => cost > 50));
  }
}

describe("drafting", () => {
  it("gives for any requirements a plan that is valid, without a circle, without two changes of one file at once", () => {
    fc.assert(
      fc.property(capabilities, fc.subarray(ids), (written, met) => {
        const file = fileOf(written, { approvals: POLICIES });
        const draft = draftOf(file, { met });
        const { changes, open, policies } = draft;
        // Every gap is planned or told.
        const gaps = file.capabilities.map(({ id }) => id).filter((id) => !met.includes(id));
        expect(
          [...changes.map(({ change }) => change.gap), ...open.map(({ requirement: id }) => id)].toSorted(),
        ).toEqual(gaps.toSorted());
        expect(open.every(({ code, reason }) => code !== "" && reason !== "")).toBe(true);
        const places = new Map(changes.map(({ change }, at) => [change.id, at]));
        changes.forEach(({ needs }, at) => {
          for (const { on, reason } of needs) {
            expect(places.get(on)).toBeLessThan(at);
            expect(reason).not.toBe("");
          }
        });
        const before = ancestorsIn(draft);
        for (const [at, one] of changes.entries()) {
          for (const other of changes.slice(at + 1)) {
            const [fits, otherFits] = [fitsPatterns(filesOf(one.change)), fitsPatterns(filesOf(other.change))];
            if (!PATHS.some((path) => fits(path) && otherFits(path))) continue;
            expect(before.get(other.change.id)?.has(one.change.id)).toBe(true);
          }
        }
        const covers = (policy: string) => policies.find((one) => one.policy.name === policy)?.covers ?? [];
        changes.forEach(({ change }, at) => {
          const ways = [change, ...(change.alternatives ?? [])];
          expect(covers("risky").includes(at)).toBe(ways.some(({ risk }) => risk === "high"));
          expect(covers("dear").includes(at)).toBe(ways.some(({ cost = 0 }) => cost > 50));
        });
        if (changes.length > 0) expectSteps(draft);
      }),
      { numRuns: 150 },
    );
  });

  it("takes the first remedy that fits, and names those that come after", () => {
    const draft = draftOf(
      fileOf([
        {
          id: "x",
          remedies: [
            { name: "outside", actions: [{ do: "write", path: "../x", text: "" }] },
            { name: "undeclared", files: ["docs/**"], actions: [{ do: "write", path: "src/x", text: "" }] },
            { name: "good", actions: [{ do: "write", path: "x", text: "" }] },
            { name: "spare", actions: [{ do: "write", path: "y", text: "" }] },
          ],
        },
      ]),
    );
    expect(draft.changes).toMatchObject([
      {
        change: { remedy: "good", files: ["x"], alternatives: [{ remedy: "spare", files: ["y"] }] },
        passedOver: [
          { remedy: "outside", code: "remedy-files-unfit" },
          { remedy: "undeclared", code: "remedy-undeclared-files" },
        ],
      },
    ]);
  });

  it.each([
    ["gap-without-remedy", []],
    ["no-remedy-fits", [{ name: "r", actions: [{ do: "write", path: ".GIT/config", text: "" }] }]],
    ["no-remedy-fits", [{ name: "r", actions: [{ do: "run", run: ["make"] }] }]],
    ["no-remedy-fits", [{ name: "r", ask: "do it" }]],
    ["no-remedy-fits", [{ name: "r", template: "unknown" }]],
    ["no-remedy-fits", [{ ...writing("x"), ask: "also" }]],
    ["no-remedy-fits", [{ ...writing("x"), files: ["[open"] }]],
    ["no-remedy-fits", [{ ...writing("x"), estimate: { optimistic: "2m", likely: "1m", pessimistic: "3m" } }]],
    ["no-remedy-fits", [{ ...writing("x"), estimate: { optimistic: "soon", likely: "1m", pessimistic: "3m" } }]],
    ["no-remedy-fits", [{ name: "r", actions: [{ do: "write", path: "x", text: "x".repeat(300_000) }] }]],
    ["needs-open", undefined],
  ])("leaves a gap open with %s", (code, remedies) => {
    const file = fileOf([
      { id: "x", remedies: remedies ?? [writing("x")], needs: remedies === undefined ? ["y"] : [] },
      { id: "y" },
    ]);
    const draft = draftOf(file);
    expect(draft.changes).toEqual([]);
    expect(draft.open[0]).toMatchObject({ requirement: "x", code });
  });

  it("leaves requirements open that need each other, and what needs those", () => {
    const draft = draftOf(
      fileOf([
        { id: "a", needs: ["b"], remedies: [writing("a")] },
        { id: "b", needs: ["a"], remedies: [writing("b")] },
        { id: "c", needs: ["a"], remedies: [writing("c")] },
        { id: "d", remedies: [writing("d")] },
      ]),
    );
    expect(draft.changes.map(({ change }) => change.id)).toEqual(["d"]);
    expect(draft.open.map(({ requirement, code }) => [requirement, code])).toEqual([
      ["a", "cyclic-needs"],
      ["b", "cyclic-needs"],
      ["c", "needs-open"],
    ]);
  });

  it("takes another remedy where one makes a circle", () => {
    const draft = draftOf(
      fileOf([
        { id: "a", needs: ["b"], remedies: [writing("a")] },
        {
          id: "b",
          remedies: [
            { ...writing("b"), name: "round", needs: ["a"] },
            { ...writing("b"), name: "straight" },
          ],
        },
      ]),
    );
    expect(draft.changes.map(({ change }) => [change.id, change.remedy])).toEqual([
      ["b", "straight"],
      ["a", "write"],
    ]);
  });

  it("takes what is asked for with what that needs", () => {
    const file = fileOf([
      { id: "a", remedies: [writing("a")] },
      { id: "b", needs: ["c"], remedies: [writing("b")] },
      { id: "c", remedies: [writing("c")] },
    ]);
    const only = draftOf(file, { only: ["b"] });
    expect(only.changes.map(({ change }) => change.id)).toEqual(["c", "b"]);
    expect(only.open).toMatchObject([{ requirement: "a", code: "not-asked-for" }]);
    const two = draftOf(file, { max: 2 });
    expect(two.changes.map(({ change }) => change.id)).toEqual(["a", "c"]);
    expect(two.open).toMatchObject([{ requirement: "b", code: "beyond-max" }]);
  });

  it("gives every step an id of its own, whatever requirements are called", () => {
    const names = [
      "begin",
      "ready",
      "final",
      "a-b",
      "a_b",
      "x",
      "x_merge",
      "x_resolve",
      "approve_careful",
      "x__mergemerge",
    ];
    const reserved = ["in", "null", "true", "as", "for", "if", "return", "package"];
    const file = fileOf(
      [...names, ...reserved].map((id) => ({ id, remedies: [{ ...writing(`f-${id}`), risk: "high" }] })),
    );
    const { definition } = plannedOf(draftOf(file));
    expect(new Set(definition.steps.map(({ id }) => id)).size).toBe(definition.steps.length);
    expect(definition.steps).toHaveLength(2 * (names.length + reserved.length) + 4);
  });

  it("hands texts on as they are, whatever they look like", () => {
    const text = "${steps.begin.output} $${x} $$${ \u0000 \u202e ${";
    const file = fileOf([
      {
        id: "x",
        title: "${inputs.nothing}",
        remedies: [{ name: "w", actions: [{ do: "write", path: "${x}", text }] }],
      },
    ]);
    const { definition } = plannedOf(draftOf(file));
    const made = definition.steps.find(({ id }) => id === "x");
    const compiled = compileTemplate(made?.kind === "tool" ? (made.call.with ?? null) : null);
    if (!compiled.ok) throw new Error("it is not a template");
    const given = compiled.template.evaluate({ inputs: {}, steps: () => undefined });
    expect(given).toMatchObject({
      ok: true,
      value: { change: { title: "${inputs.nothing}", actions: [{ path: "${x}", text }] } },
    });
  });

  it("refuses policies that cannot be asked", () => {
    const bad = [
      { name: "a", when: "change.unknown > 1" },
      { name: "a", when: "true" },
      { name: "b", when: "change.cost" },
      { name: "c", when: "1 / 0 == 1", expires: "someday" },
      { name: "d", when: "(((" },
    ];
    const file = fileOf([{ id: "x", remedies: [writing("x")] }], { approvals: bad });
    const result = drafted({ assessment: assessed(file), file });
    expect(result.ok ? [] : result.problems.map(({ policy, code }) => [policy, code])).toEqual([
      ["a", "policy-twice"],
      ["c", "bad-policy-expiry"],
    ]);
    const asked = fileOf([{ id: "x", remedies: [writing("x")] }], {
      approvals: bad.filter((_, at) => at !== 1 && at !== 3),
    });
    const answered = drafted({ assessment: assessed(asked), file: asked });
    expect(answered.ok ? [] : answered.problems.map(({ policy, code }) => [policy, code])).toEqual([
      ["a", "bad-policy-condition"],
      ["b", "bad-policy-condition"],
      ["d", "bad-policy-condition"],
    ]);
  });

  it("asks for an approval of what is risky or final where the file has no policies", () => {
    const draft = draftOf(
      fileOf([
        { id: "calm", remedies: [writing("a")] },
        { id: "risky", remedies: [{ ...writing("b"), risk: "high" }] },
        { id: "final_one", remedies: [{ ...writing("c"), irreversible: true }] },
      ]),
    );
    expect(draft.policies).toMatchObject([{ policy: { name: "careful", for: "plan", approvers: 1 }, covers: [1, 2] }]);
  });

  it("plans 5,000 requirements that all touch one file, and ends soon", () => {
    const many = Array.from({ length: 5_000 }, (_, at) => ({
      id: `r${at}`,
      needs: at % 10 === 9 ? [`r${at - 1}`] : [],
      check: { kind: "file", files: "package.json" },
      remedies: [writing("package.json", `src/${at}.ts`)],
    }));
    const draft = draftOf(fileOf(many));
    expect(draft.changes).toHaveLength(5_000);
    expect(
      draft.changes.every(({ needs }, at) => needs.length === (at === 0 ? 0 : needs.length) && needs.length <= 2),
    ).toBe(true);
  });

  it("compares patterns of files no more often than there is time for", () => {
    const many = Array.from({ length: 3_000 }, (_, at) => ({
      id: `r${at}`,
      remedies: [{ ...writing(`src/${at}/a.ts`), files: [`src/${at}/**/*.ts`] }],
    }));
    const draft = draftOf(fileOf(many));
    expect(draft.changes).toHaveLength(3_000);
  });
});
