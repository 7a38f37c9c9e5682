import { describe, expect, it } from "vitest";
import { cel } from "#src/builders/expression.ts";
import { definePlan } from "#src/builders/plan.ts";
import type { Ref } from "#src/builders/template.ts";

// What the compiler lets pass and no plan can mean.

const LIST = [1, 2];

describe("a plan written as code", () => {
  it("has no two steps of one name, also not inside each other", () => {
    const twice = () =>
      definePlan({ plan: "p" }, ({ step }) => {
        step.wait("a", "1s");
        step.value("a", 1);
      });
    const inside = () =>
      definePlan({ plan: "p" }, ({ step }) => {
        step.wait("a", "1s");
        step.each("b", LIST, { do: ({ step }) => step.value("a", 1) });
      });
    expect(twice).toThrow(new TypeError("two steps are called a"));
    expect(inside).toThrow(new TypeError("two steps are called a"));
  });

  it("reads nothing of a block outside of it", () => {
    const escaped = () =>
      definePlan({ plan: "p" }, ({ step }) => {
        let out: Ref<number> | undefined;
        step.each("b", LIST, { do: ({ item }) => (out = item) });
        step.value("c", cel`${out!} + 1`);
      });
    expect(escaped).toThrow(/\$\{item \+ 1\}: item belongs to a block that this does not stand in/);
  });

  it("reads nothing of another plan", () => {
    let input: Ref<unknown> | undefined;
    definePlan({ plan: "p", inputs: { x: {} } }, ({ inputs, step }) => void step.value("a", (input = inputs.x)));
    expect(() => definePlan({ plan: "q" }, ({ step }) => void step.value("a", input!))).toThrow(
      /inputs belongs to a block/,
    );
  });

  it("never means an inner item by an outer one", () => {
    const plan = definePlan({ plan: "p" }, ({ step }) => {
      step.each("outer", [LIST], {
        do: ({ item: row, step }) => step.each("inner", row, { do: ({ item }) => ({ row, item }) as never }),
      });
    });
    expect(JSON.stringify(plan)).toContain('{"row":"${item}","item":"${item2}"}');
    const sameName = () =>
      definePlan({ plan: "p" }, ({ step }) => {
        const as = "row";
        step.each("a", LIST, { as, do: ({ step }) => step.each("b", LIST, { as, do: ({ item }) => item }) });
      });
    expect(sameName).toThrow(new TypeError("an item around this one is called row as well"));
  });

  it("never means an inner number by an outer one", () => {
    const hidden = () =>
      definePlan({ plan: "p" }, ({ step }) => {
        step.each("a", LIST, { do: ({ index, step }) => step.each("b", LIST, { do: () => index }) });
      });
    expect(hidden).toThrow(/\$\{index\}: index means that of an inner block here/);
  });

  it("holds JSON and templates only", () => {
    const holding = (value: unknown) => () =>
      definePlan({ plan: "p" }, ({ step }) => void step.value("a", value as null));
    expect(holding(new Date(0))).toThrow(/not this object/);
    expect(holding(() => 1)).toThrow(/not \(\) => 1/);
    expect(holding(Number.NaN)).toThrow(/not NaN/);
    expect(holding(10n)).toThrow(/not 10/);
    const itself = () =>
      definePlan({ plan: "p" }, ({ step }) => void step.value("b", step.wait("a", "1s") as never as null));
    expect(itself).toThrow(/not the step a itself: write its output/);
  });
});
