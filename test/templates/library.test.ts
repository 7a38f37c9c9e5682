import { describe, expect, it } from "vitest";
import { instantiated } from "#src/templates/instantiate.ts";
import { templateLibrary } from "#src/templates/library.ts";
import { codes, libraryOf, sourceOf, templateOf } from "./template-file.ts";

const policies = (name: string, rest = "policies: { tool: { retry: 2 } }"): string => `template: ${name}\n${rest}\n`;

describe("a template file", () => {
  it.each([
    ["unknown-word", "template: t\nsteps: {}\nplan: {}\n"],
    ["template-unclear", "template: t\nplan: {}\nstep: {}\n"],
    ["template-unclear", "template: t\n"],
    ["bad-template-name", "template: ../t\nstep: { value: 1 }\n"],
    ["bad-version", "template: t\nversion: one\nstep: { value: 1 }\n"],
    ["unknown-word", "template: t\npolicies: { tool: { retries: 3 } }\n"],
    ["unknown-word", "template: t\nstep: { value: 1 }\ntests: [{ expects: {} }]\n"],
    [
      "unknown-parameter",
      'template: t\nparameters: { since: {} }\nstep: { value: "${parameters.sinse}${parameters.since}" }\n',
    ],
    ["parameter-not-named", 'template: t\nparameters: { a: {} }\nstep: { value: "${size(parameters)}" }\n'],
    ["parameter-not-named", 'template: t\nparameters: { a: {} }\nstep: { value: "${has(parameters.a)}" }\n'],
    ["parameter-in-key", 'template: t\nparameters: { a: {} }\nstep: { value: { "${parameters.a}": 1 } }\n'],
    ["bad-default", "template: t\nparameters: { a: { type: string, default: 1 } }\nstep: { value: 1 }\n"],
    ["wrong-type", "[]"],
  ])("is refused as %s with a place: %j", (code, text) => {
    const { templates, findings } = libraryOf(text);
    expect(templates).toEqual([]);
    expect(codes(findings)).toContain(code);
    expect(findings[0]).toMatchObject({ file: "0.template.yaml", line: expect.any(Number) as number });
  });

  it("that is wrong hides no other", () => {
    const { templates, findings } = libraryOf("template: t\n", policies("other"));
    expect(templates.map(({ name }) => name)).toEqual(["other"]);
    expect(findings).toHaveLength(1);
  });

  it("is told of a parameter that nothing uses, and is there", () => {
    const { templates, findings } = libraryOf("template: t\nparameters: { a: {} }\nstep: { value: 1 }\n");
    expect(templates).toHaveLength(1);
    expect(findings).toMatchObject([{ code: "unused-parameter", severity: "warning", line: 2 }]);
  });
});

describe("a library", () => {
  it("finds the newest version in a range", () => {
    const versions = ["1.0.0", "1.4.0", "2.0.0"].map((version) => `version: ${version}\n${policies("t")}`);
    const library = libraryOf(...versions);
    const found = (reference: string): string => {
      const template = library.find(reference);
      return "code" in template ? template.code : template.version;
    };
    expect(["t", "t@^1", "t@1.0.0", "t@^3", "t@one", "u"].map(found)).toEqual([
      ...["2.0.0", "1.4.0", "1.0.0", "no-such-version", "bad-version-range", "unknown-template"],
    ]);
    expect(library.templates.map(({ version }) => version)).toEqual(["2.0.0", "1.4.0", "1.0.0"]);
  });

  it("leaves out both of two equal versions of one place", () => {
    const { templates, findings } = libraryOf(policies("t"), policies("t"), policies("u"));
    expect(templates.map(({ name }) => name)).toEqual(["u"]);
    expect(codes(findings)).toEqual(["template-twice", "template-twice"]);
  });

  it("takes the template of the place that is named first, and tells of the other", () => {
    const own = { name: "own", sources: [sourceOf(policies("t", "policies: { tool: { retry: 1 } }"), "own.yaml")] };
    const other = { name: "other", sources: [sourceOf(policies("t"), "other.yaml")] };
    const { templates, findings } = templateLibrary([own, other]);
    expect(templates).toMatchObject([{ place: "own", policies: { tool: { retry: 1 } } }]);
    expect(findings).toMatchObject([{ code: "template-shadowed", severity: "warning", file: "other.yaml" }]);
  });
});

describe("inheritance", () => {
  const base =
    'template: base\nversion: 1.1.0\nparameters: { times: { type: integer, default: 5 } }\npolicies: { plan: { onFailure: rollback, deadline: 1h }, tool: { retry: { attempts: "${parameters.times}", delay: 1s }, timeout: 10s, pool: slow } }\n';
  const middle = "template: middle\nextends: base@^1\npolicies: { tool: { timeout: 20s, pool: null } }\n";
  const steps =
    "{ a: { tool: x, timeout: 1s }, b: { approve: {} }, c: { each: [1], do: { tool: y } }, d: { repeat: { steps: { e: { tool: z, retry: 1 } } }, until: true, max: 2 } }";

  it("gives policies to steps that call a tool, wherever they are, and the nearest word wins", () => {
    const template = templateOf(
      `template: t\nextends: middle\npolicies: { plan: { deadline: 2h } }\nplan: { steps: ${steps} }\n`,
      middle,
      base,
    );
    expect(template.lineage).toEqual(["middle@0.0.0", "base@1.1.0"]);
    const retry = { attempts: 5, delay: "1s" };
    expect(instantiated(template, {})).toEqual({
      ok: true,
      source: {
        ...{ plan: "t", version: "0.0.0", onFailure: "rollback", deadline: "2h" },
        steps: {
          a: { tool: "x", timeout: "1s", retry },
          b: { approve: {} },
          c: { each: [1], do: { tool: "y", timeout: "20s", retry } },
          d: { repeat: { steps: { e: { tool: "z", retry: 1, timeout: "20s" } } }, until: true, max: 2 },
        },
      },
    });
    expect(instantiated(template, { times: 7 })).toMatchObject({
      source: { steps: { a: { retry: { attempts: 7 } } } },
    });
  });

  it("replaces a word as a whole, and a parameter by name", () => {
    const child =
      'template: t\nextends: base\nparameters: { times: { type: integer, default: 2 } }\npolicies: { tool: { retry: { attempts: "${parameters.times}" } } }\nstep: { tool: x }\n';
    expect(instantiated(templateOf(child, base), {})).toMatchObject({ source: { retry: { attempts: 2 } } });
    expect(templateOf(child, base).policies.tool.retry).toEqual({ attempts: "${parameters.times}" });
  });

  it("may be of another version of itself, and is refused where it closes a circle", () => {
    const older = `version: 1.0.0\n${policies("t")}`;
    expect(templateOf("template: t\nversion: 2.0.0\nextends: t@^1\nstep: { tool: x }\n", older).lineage).toEqual([
      "t@1.0.0",
    ]);
    const circle = ["a", "b", "c"].map((name, at) => `extends: ${["b", "c", "a"][at] ?? ""}\n${policies(name)}`);
    const { templates, findings } = libraryOf(...circle, policies("d"), `extends: a\n${policies("e")}`);
    expect(templates.map(({ name }) => name)).toEqual(["d"]);
    expect(codes(findings)).toEqual(Array.from({ length: 4 }, () => "template-cycle"));
    expect(findings[0]?.message).toMatch(/a@0.0.0 -> b@0.0.0 -> c@0.0.0 -> a@0.0.0/);
  });

  it("is bounded in its length", () => {
    const line = Array.from({ length: 400 }, (_, at) =>
      at === 399 ? policies(`t${at}`) : `extends: t${at + 1}\n${policies(`t${at}`)}`,
    );
    const { templates, findings } = libraryOf(...line);
    expect(templates.length).toBeGreaterThan(10);
    expect(codes(findings)).toContain("extends-too-deep");
  });

  it("of what is missing or wrong is told at `extends`", () => {
    const { templates, findings } = libraryOf(
      `extends: nobody\n${policies("a")}`,
      `extends: a\n${policies("b")}`,
      `extends: c@^9\n${policies("d")}`,
      policies("c"),
    );
    expect(templates.map(({ name }) => name)).toEqual(["c"]);
    expect(findings).toMatchObject([
      { code: "unknown-template", line: 1 },
      { code: "extended-template-wrong", line: 1 },
      { code: "no-such-version", line: 1 },
    ]);
  });
});
