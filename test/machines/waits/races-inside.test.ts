// Who has lost a race: what is under way, and wanted by nobody else.
import { describe, expect, it } from "vitest";
import type { StepDefinition } from "#events/definition.ts";
import { after, begun, factsOf, valueAt } from "../begun.ts";
import type { Driver } from "../driver.ts";
import { each, lost, succeeded, tool, value } from "../plans.ts";

const race = (id: string, ...needs: readonly string[]): StepDefinition =>
  tool(id, { needs: [...needs], join: { first: 1 } });
const givenUp = (driver: Driver) =>
  factsOf(driver, "StepCancelRequested").map((data) => (data as { step: string }).step);

describe("a race inside of an item", () => {
  it("is one, in every item, and its losers are given up", () => {
    const steps = [tool("first"), tool("a"), tool("b", { needs: ["first"] }), race("z", "a", "b")];
    const driver = begun([tool("m"), each("all", [1, 2], { steps })]);
    for (const member of [1, 0]) after(driver, succeeded(`all/${member}/a`));
    expect(givenUp(driver)).toEqual(["all/1/b", "all/0/b"]);
    expect([valueAt(driver, "all/0/b"), valueAt(driver, "all/1/first")]).toEqual(["cancelled", "running"]);
  });

  it("leaves alone what something else in the item needs", () => {
    const steps = [tool("a"), tool("b"), race("z", "a", "b"), tool("also", { needs: ["b"] })];
    const driver = begun([tool("m"), each("all", [1, 2], { steps })]);
    after(driver, succeeded("all/1/a"));
    expect(givenUp(driver)).toEqual([]);
  });
});

describe("the loser of a race", () => {
  it("is not one whose outcome nobody knows: that is a person's to answer", () => {
    const driver = begun([tool("a"), tool("b", {}, { idempotent: false }), race("z", "a", "b")]);
    after(driver, lost("b", { next: { kind: "unknown", policy: "ask" } }));
    after(driver, succeeded("a"));
    expect(givenUp(driver)).toEqual([]);
    expect(valueAt(driver, "b")).toBe("unknown");
  });

  it("is not one that was skipped", () => {
    const driver = begun([tool("a"), value("b", 1, { when: "false" }), race("z", "a", "b")]);
    after(driver, succeeded("a"));
    expect(givenUp(driver)).toEqual([]);
  });

  it("is one that only steps need which were skipped, or were given up themselves", () => {
    const skipped = tool("also", { needs: ["b", "no"] });
    const driver = begun([tool("a"), tool("b"), race("z", "a", "b"), value("no", 1, { when: "false" }), skipped]);
    after(driver, succeeded("a"));
    expect(givenUp(driver)).toEqual(["b"]);

    const also = tool("also", { needs: ["b", "c"], join: "any" });
    const steps = [tool("a"), tool("b"), value("c", 1), also, tool("d"), race("z", "a", "b"), race("y", "also", "d")];
    const twice = begun(steps);
    after(twice, succeeded("a"));
    expect(givenUp(twice)).toEqual([]);
    after(twice, succeeded("d"));
    expect(givenUp(twice)).toEqual(["also", "b"]);
    expect(valueAt(twice, "also")).toBe("running");
  });
});
