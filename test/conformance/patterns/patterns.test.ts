// The 43 control-flow patterns: the page's verdicts, held to runs of its plans.
import { describe, expect, it } from "vitest";
import { runPlan } from "#src/testing/run-plan.ts";
import { codeBlocks } from "../../readme/markdown.ts";
import { readText } from "../../tidy/tree.ts";
import type { Claim } from "./claim.ts";
import { BRANCHING } from "./claims/branching.ts";
import { CANCELLATION } from "./claims/cancellation.ts";
import { INSTANCES } from "./claims/instances.ts";
import { JOINS } from "./claims/joins.ts";
import { STATE } from "./claims/state.ts";
import { STRUCTURE } from "./claims/structure.ts";
import { TRIGGERS } from "./claims/triggers.ts";
import { page, plansOf, rowsOf, type Row, type ShownPlan } from "./page.ts";
import { Story, type Moment } from "./story.ts";

const PATTERNS = 43;
const CLAIMS: readonly Claim[] = [
  ...BRANCHING,
  ...JOINS,
  ...STRUCTURE,
  ...INSTANCES,
  ...STATE,
  ...CANCELLATION,
  ...TRIGGERS,
];

const rows = rowsOf(page);
const plans = plansOf(page);

describe("a pattern that the page calls supported or expressible", () => {
  const shown = CLAIMS.map((claim) => ({ ...claim, ...plans.find(({ pattern }) => pattern === claim.pattern) }));
  it.each(shown)("WCP-$pattern $name: $says", async ({ holds, text }) => {
    expect(text).toBeDefined();
    await holds(text!);
  });
});

describe("the table", () => {
  it("has every pattern once, in order", () => {
    expect(rows.map(({ pattern }) => pattern)).toEqual(Array.from({ length: PATTERNS }, (_, index) => index + 1));
  });

  it("is counted right, here and in test/README.md", () => {
    const of = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
    const sum = `Of the 43, ${of("supported")} are supported, ${of("expressible")} are expressible, and ${of("not")} are not.`;
    expect([page, readText("test/README.md")].filter((text) => !text.replaceAll("\n", " ").includes(sum))).toEqual([]);
  });

  it("is followed by no plan that is not run", () => {
    const blocks = codeBlocks(page).map(({ language, text }) => ({ language, text }));
    expect(blocks).toEqual(plans.map(({ text }) => ({ language: "yaml", text })));
  });

  it("agrees with the plans and the tests", () => expect(disagreements(rows, plans, CLAIMS)).toEqual([]));

  it("that says what no test shows, or keeps back what one shows, is found", () => {
    const [row] = rows.slice(8, 9);
    const [plan] = plans.filter(({ pattern }) => pattern === 9);
    const claims = CLAIMS.filter(({ pattern }) => pattern === 9);
    expect(disagreements([row!], [plan!], claims)).toEqual([]);
    expect(disagreements([row!], [plan!], [])).toEqual(["9 is supported without a test"]);
    expect(disagreements([row!], [], claims)).toEqual(["9 is supported without a plan"]);
    expect(disagreements([{ ...row!, verdict: "not" }], [plan!], claims)).toEqual([
      "9 is not, with a test",
      "9 is not, with a plan",
    ]);
    expect(disagreements([], [plan!], claims)).toEqual(["9 has a test and no row", "9 has a plan and no row"]);
    expect(disagreements([row!], [{ ...plan!, name: "Other" }], claims)).toEqual(["9 is Other over its plan"]);
    expect(disagreements([{ ...row!, verdict: "maybe" }], [plan!], claims)).toEqual(["9 is maybe"]);
    expect(disagreements([{ ...row!, reason: "" }], [plan!], claims)).toEqual(["9 says nothing"]);
  });
});

describe("what the page says is refused", () => {
  const refusal = (plan: string) => expect(runPlan(plan)).rejects;

  it("is: recursion, a cycle, an each that goes on early, a key for a block", async () => {
    await refusal("plan: again\nsteps:\n  a: { call: again }\n").toThrow("recursive-call");
    await refusal("plan: round\nsteps:\n  a: { needs: [b], value: 1 }\n  b: { needs: [a], value: 1 }\n").toThrow(
      "cycle",
    );
    await refusal("plan: early\nsteps:\n  a: { each: [1, 2], do: { value: 1 }, first: 1 }\n").toThrow('has no "first"');
    for (const block of ["each: [1], do: { value: 1 }", "repeat: { value: 1 }, until: true, max: 1", "call: other"]) {
      await refusal(`plan: section\nsteps:\n  a: { ${block}, key: k }\n`).toThrow('has no "key"');
    }
  });
});

describe("an order of moments", () => {
  const told: Moment[] = ["start a", "end a", "start b", "start c", "end b", "end c"];
  const story = new Story(told, { outcome: "succeeded", elapsedMs: 0 });

  it("is held exactly: what happens too soon, twice or not at all is found", () => {
    story.inTurn("end a", ["start c", "start b"], ["end b", "end c"]);
    expect(() => story.inTurn("start b", "end a")).toThrow();
    expect(() => story.inTurn("end a", "start d")).toThrow();
    const twice = new Story([...told, "start b"], story.run);
    expect(() => twice.inTurn("end a", ["start b", "start c"])).toThrow();
    expect(() => story.never("start c")).toThrow();
    story.never("start d");
  });

  it("in which tasks overlap, or one is missing, is not one at a time", () => {
    story.alone("a", "b");
    expect(() => story.alone("b", "c")).toThrow();
    expect(() => story.alone("a", "d")).toThrow();
  });
});

/** What does not go together between the rows of the table, the plans below it, and the tests. */
function disagreements(table: readonly Row[], shown: readonly ShownPlan[], claims: readonly Claim[]): string[] {
  const inTable = new Map(table.map((row) => [row.pattern, row]));
  const tested = new Set(claims.map(({ pattern }) => pattern));
  const planned = new Map(shown.map((plan) => [plan.pattern, plan]));
  return [
    ...table.flatMap((row) => wrongRow(row, planned.get(row.pattern), tested.has(row.pattern))),
    ...[...tested].filter((pattern) => !inTable.has(pattern)).map((pattern) => `${pattern} has a test and no row`),
    ...shown.filter(({ pattern }) => !inTable.has(pattern)).map(({ pattern }) => `${pattern} has a plan and no row`),
  ];
}

function wrongRow({ pattern, name, verdict, reason }: Row, plan: ShownPlan | undefined, isTested: boolean): string[] {
  const problems: string[] = [];
  if (reason === "") problems.push(`${pattern} says nothing`);
  if (verdict === "not") {
    if (isTested) problems.push(`${pattern} is not, with a test`);
    if (plan !== undefined) problems.push(`${pattern} is not, with a plan`);
  } else if (verdict === "supported" || verdict === "expressible") {
    if (!isTested) problems.push(`${pattern} is ${verdict} without a test`);
    if (plan === undefined) problems.push(`${pattern} is ${verdict} without a plan`);
    else if (plan.name !== name) problems.push(`${pattern} is ${plan.name} over its plan`);
  } else problems.push(`${pattern} is ${verdict}`);
  return problems;
}
