import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { cel, text } from "#src/builders/expression.ts";
import { definePlan } from "#src/builders/plan.ts";

/** What a plan gives for a template over its input `x`, by the law. */
function given(make: (x: Parameters<typeof cel>[1], refs: typeof cel) => unknown, x: Json): Json {
  const plan = definePlan({ plan: "p", inputs: { x: {} } }, ({ inputs, step }) => {
    step.value("v", make(inputs.x, cel) as string);
  });
  const { v } = plan.steps as { v: { value: Json } };
  const compiled = compileTemplate(v.value);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled));
  const result = compiled.template.evaluate({ inputs: { x }, steps: () => undefined });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Strings that are full of what templates are made of. */
const nasty = fc.string({ unit: fc.constantFrom("$", "{", "}", "a", "'", '"', "\\", "\n", "`", " ") });
const template = (...parts: string[]): TemplateStringsArray => Object.assign(parts, { raw: parts });

describe("a text", () => {
  it("says what stands around its expressions as it is", () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, (before, x, after) => {
        expect(given((input) => text(template(before, after), input as never), x)).toBe(before + x + after);
      }),
    );
  });

  it("has constants and other texts in it", () => {
    const inner = text`<${"${"}>`;
    expect(given((x) => text`a ${1} ${true} ${inner} ${x as never}$${"{"}`, "X")).toBe("a 1 true <${> X${");
  });

  it("is text also where it is nothing but one expression", () => {
    expect(given((x) => text`${x as never}`, 3)).toBe("3");
  });
});

describe("a plain string", () => {
  it("stands for itself, whatever is in it", () => {
    fc.assert(
      fc.property(nasty, (value) => {
        expect(given(() => ({ a: [value] }), null)).toEqual({ a: [value] });
      }),
    );
  });
});

describe("an expression", () => {
  it("has values in it as literals", () => {
    const values = fc.oneof(nasty, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), nasty, (list, name) => {
        const wanted = list.map((value) => (Object.is(value, -0) ? 0 : value));
        expect(given(() => cel`[${{ [name]: list }}, ${null}]`, null)).toEqual([{ [name]: wanted }, null]);
      }),
    );
  });

  it("binds what is put in before what stands around it", () => {
    const sum = cel<number>`${1} + ${2}`;
    expect(given(() => cel`${sum} * 3`, null)).toBe(9);
    expect(given((x) => cel`7 -${-2} - ${x as never}`, 1)).toBe(8);
  });

  it("names parts that are no identifiers, and words of the grammar", () => {
    const x = { "a-b": { in: [{ 'quo"te': 1 }] } };
    type Part = { readonly [name: string]: Part } & ReturnType<typeof cel>;
    expect(given((ref) => cel`${(ref as unknown as Part)["a-b"]!["in"]!}[0]`, x)).toEqual({ 'quo"te': 1 });
    expect(given(() => (cel`${{ 'quo"te': 1 }}` as unknown as Part)['quo"te'], x)).toBe(1);
  });

  it("is not put into a text of JavaScript by mistake", () => {
    expect(() => given((x) => `a ${x as string}`, 1)).toThrow(/inputs\.x is known when the plan runs: write text`…`/);
  });

  it("has no text in it", () => {
    expect(() => cel`${text`a` as never}`).toThrow(/a text is no part of an expression/);
  });
});
