import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { json, type Json } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { instantiated } from "#src/templates/instantiate.ts";
import { codes, templateOf } from "./template-file.ts";

const VALUES = { inputs: {}, steps: () => "an output" };

function evaluated(value: Json | undefined): Json {
  const compiled = compileTemplate(value ?? null);
  if (!compiled.ok) throw new Error(JSON.stringify([value, compiled.findings]));
  const result = compiled.template.evaluate(VALUES);
  if (!result.ok) throw new Error(JSON.stringify([value, result]));
  return result.value;
}

function given(body: string, a: Json, b: Json = ""): Json | undefined {
  const template = templateOf(
    `template: t\nparameters: { a: {}, b: { default: "" } }\nstep: { value: ${JSON.stringify(body)} }\n`,
  );
  const made = instantiated(template, { a, b });
  if (!made.ok) throw new Error(JSON.stringify(made.findings));
  return made.source.value;
}

/** Texts that are made of what could be taken for something else. */
const hostile = fc
  .array(
    fc.constantFrom(
      "$",
      "{",
      "}",
      "${",
      "$${",
      "${steps.x.output}",
      '"',
      "'",
      "\\",
      "\n",
      "parameters.a",
      "a",
      "é",
      "\u2028",
      "\u0000",
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""));
const text = fc.oneof(hostile, fc.string(), fc.string({ unit: "binary" }));
const value = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 2 }).map((one) => json.parse(JSON.parse(JSON.stringify(one)))),
);

describe("a parameter", () => {
  it("comes back as it went in, whatever is in it", () => {
    fc.assert(
      fc.property(value, (a) => {
        expect(evaluated(given("${parameters.a}", a))).toEqual(a);
      }),
    );
  });

  it("in a text is that text, whatever stands around it", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(evaluated(given("${parameters.a}{x}${parameters.b}$", a, b))).toBe(`${a}{x}${b}$`);
        expect(evaluated(given("${parameters.a}${1 == 1}", a))).toBe(`${a}true`);
      }),
    );
  });

  it("inside an expression is a literal of it", () => {
    fc.assert(
      fc.property(
        text.filter((one) => one.isWellFormed()),
        (a) => {
          expect(evaluated(given("${[parameters.a][0]}", a))).toBe(a);
          expect(evaluated(given("${parameters.a == parameters.a && size(parameters.a) >= 0}", a))).toBe(true);
        },
      ),
    );
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), (a) => {
        expect(evaluated(given("${[parameters.a][0]}", a))).toBe(Object.is(a, -0) ? 0 : a);
      }),
    );
    expect(evaluated(given("${parameters.a.name}", { name: "x" }))).toBe("x");
    expect(evaluated(given("${parameters.a.b[1] - -parameters.b}", { b: [1, -2.5] }, -3))).toBe(-5.5);
  });

  it("that looks like a reference makes no step wait, and reads nothing", () => {
    const template = templateOf(
      'template: t\nparameters: { a: { type: string } }\nplan: { steps: { x: { value: secret }, y: { value: "so ${parameters.a}" } } }\n',
    );
    const made = instantiated(template, { a: "${steps.x.output}" });
    if (!made.ok) throw new Error("refused");
    const parsed = parsePlan(made.source, { file: "made" });
    if (!parsed.ok) throw new Error("unreadable");
    const checked = checkPlan(parsed.source, { tools: toolRegistry() });
    if (!checked.ok) throw new Error(JSON.stringify(checked.findings));
    const [, y] = checked.definition.steps;
    expect(y).toMatchObject({ id: "y", needs: [] });
    expect(y?.kind === "value" && evaluated(y.value)).toBe("so ${steps.x.output}");
  });

  it("may stand where the language takes no expression", () => {
    const template = templateOf(
      "template: t\nparameters: { tool: { type: string }, times: { type: integer }, most: { default: 9s } }\n" +
        'step: { tool: "${parameters.tool}", retry: { attempts: "${parameters.times}" }, timeout: "${parameters.most}" }\n',
    );
    expect(instantiated(template, { tool: "http.json", times: 4 })).toEqual({
      ok: true,
      source: { tool: "http.json", retry: { attempts: 4 }, timeout: "9s" },
    });
  });
});

describe("values that do not fit", () => {
  const template = templateOf(
    "template: t\nparameters: { repo: { type: string }, count: { type: integer, maximum: 3, default: 1 } }\n" +
      'step: { value: "${parameters.repo} ${parameters.count}" }\n',
  );

  it("are findings with paths, and no message repeats one", () => {
    const made = instantiated(template, { count: 77, rep: "hunter2" });
    expect(made).toMatchObject({
      ok: false,
      findings: [
        { code: "missing-parameter", path: ["parameters", "repo"] },
        { code: "out-of-range", path: ["parameters", "count"] },
        { code: "unknown-parameter", path: ["parameters", "rep"], suggestion: "repo" },
      ],
    });
    expect(JSON.stringify(made)).not.toMatch(/hunter2/);
    expect(instantiated(template, { repo: "x", __proto__: 1, toString: 2 })).toMatchObject({ ok: false });
  });

  it("are refused where they nest too deep for anything that recurses", () => {
    let deep: Json = 1;
    for (let level = 0; level < 20_000; level += 1) deep = [deep];
    const free = templateOf('template: t\nparameters: { a: {} }\nstep: { value: "${parameters.a}" }\n');
    expect(instantiated(free, { a: deep })).toMatchObject({ ok: false, findings: [{ code: "too-deep" }] });
  });

  it("make no plan larger than a plan may be, however often they stand in it", () => {
    const places = Array.from({ length: 5_000 }, () => '"${parameters.a}"').join(", ");
    const wide = templateOf(`template: t\nparameters: { a: { type: string } }\nstep: { value: [${places}] }\n`);
    expect(instantiated(wide, { a: "x" })).toMatchObject({ ok: true });
    const made = instantiated(wide, { a: "x".repeat(1_000_000) });
    expect(made.ok ? [] : codes(made.findings)).toEqual(["template-too-large"]);
  });

  it("of policies alone make nothing", () => {
    const made = instantiated(templateOf("template: t\npolicies: { tool: { retry: 2 } }\n"), {});
    expect(made.ok ? [] : codes(made.findings)).toEqual(["nothing-to-instantiate"]);
  });
});
