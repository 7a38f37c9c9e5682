import { describe, expectTypeOf, it } from "vitest";
import { cel, text } from "#src/builders/expression.ts";
import { definePlan } from "#src/builders/plan.ts";
import type { Ref } from "#src/builders/template.ts";
import type { Plan } from "#src/builders/words.ts";
import { INPUTS, shop, type Book } from "./shop.ts";
import { findOrder } from "./tools.ts";

// What compiles; what does not is in wrong-uses.ts.

describe("a reference", () => {
  it("has the type of what it stands for", () => {
    const { inputs, step, books, ordered } = shop();
    expectTypeOf(books.output).toEqualTypeOf<Ref<Book[]>>();
    expectTypeOf(ordered.output.id).toEqualTypeOf<Ref<string>>();
    expectTypeOf(ordered.output["ship-to"]).toEqualTypeOf<Ref<string>>();
    expectTypeOf(ordered.output.note).toEqualTypeOf<Ref<string | undefined>>();
    expectTypeOf(inputs.words).toEqualTypeOf<Ref<string>>();
    expectTypeOf(inputs.most).toEqualTypeOf<Ref<number>>();
    expectTypeOf(inputs.level).toEqualTypeOf<Ref<"low" | "high">>();
    expectTypeOf(inputs.limits.sum).toEqualTypeOf<Ref<number>>();
    expectTypeOf(inputs.limits.note).toEqualTypeOf<Ref<string | undefined>>();
    expectTypeOf(inputs.tags).toEqualTypeOf<Ref<(string | null)[]>>();
    expectTypeOf(inputs.any).toEqualTypeOf<Ref<unknown>>();
    expectTypeOf(step.wait("later", "1s").output).toEqualTypeOf<Ref<null>>();
    expectTypeOf(step.signal<{ by: string }>("sent", "sent").output.by).toEqualTypeOf<Ref<string>>();
    expectTypeOf(step.signal("came", "came").output).toEqualTypeOf<Ref<unknown>>();
    expectTypeOf(step.approve("agreed", {}).output.by).toEqualTypeOf<Ref<string>>();
    expectTypeOf(step.value("v", { n: 1, of: [books.output] }).output.of).toEqualTypeOf<Ref<Book[][]>>();
    expectTypeOf(step.value("w", 1, { fallback: [{ value: "none" }] }).output).toEqualTypeOf<Ref<number | string>>();
    expectTypeOf(cel<Book>`${books.output}[0]`.price).toEqualTypeOf<Ref<number>>();
  });

  it("to an item has the type of the list's elements, and the list the type of what is done", () => {
    const { step, books } = shop();
    const titles = step.each("titles", books.output, {
      do: ({ item, index, step }) => {
        expectTypeOf(item).toEqualTypeOf<Ref<Book>>();
        expectTypeOf(item.price).toEqualTypeOf<Ref<number>>();
        expectTypeOf(index).toEqualTypeOf<Ref<number>>();
        return step.value("title", item.title);
      },
    });
    expectTypeOf(titles.output).toEqualTypeOf<Ref<string[]>>();
    const some = step.each("some", [1, 2], { tolerate: 1, do: ({ item }) => ({ twice: cel<number>`${item} * 2` }) });
    expectTypeOf(some.output).toEqualTypeOf<Ref<({ readonly twice: number } | null)[]>>();
    const found = step.repeat(
      "found",
      ({ index, step }) => step.tool("do", findOrder, { with: { key: text`${index}` } }),
      {
        until: ({ output }) => {
          expectTypeOf(output).toEqualTypeOf<Ref<{ found: string[] }>>();
          return cel`size(${output.found}) > 0`;
        },
        max: 3,
      },
    );
    expectTypeOf(found.output.found).toEqualTypeOf<Ref<string[]>>();
  });

  it("to a called plan has the type of its outputs", () => {
    const { step } = shop();
    const called = definePlan({ plan: "called", inputs: INPUTS }, ({ inputs }) => ({
      outputs: { sum: inputs.limits.sum, fixed: 1 },
    }));
    const bill = step.call("bill", called, {
      with: { words: "a", token: { $secret: "T" }, level: "low", limits: { sum: 1 }, tags: [null], any: { a: [1] } },
    });
    expectTypeOf(bill.output).toEqualTypeOf<Ref<{ readonly sum: number; readonly fixed: number }>>();
    expectTypeOf(step.call("other", "by_name", {}).output).toEqualTypeOf<Ref<unknown>>();
    expectTypeOf(definePlan({ plan: "none" }, () => undefined)).toExtend<Plan<object, null>>();
  });
});
