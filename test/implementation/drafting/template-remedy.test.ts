import { describe, expect, it } from "vitest";
import { remedyByTemplate } from "#src/implementation/drafting/template-remedy.ts";
import { parsePlan } from "#src/language/parse.ts";
import { findIn } from "#src/templates/find-template.ts";
import { templateLibrary } from "#src/templates/library.ts";
import { draftOf, fileOf } from "./kit.ts";

const WRITE = "{ do: write, path: LICENSE, text: 'Copyright ${parameters.holder}' }";

function library(body: string) {
  const text = `template: add_licence\nversion: 1.0.0\nparameters: { holder: { type: string } }\n${body}\n`;
  const parsed = parsePlan(text, { file: "add_licence.template.yaml" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  const { templates, findings } = templateLibrary([{ name: "test", sources: [parsed.source] }]);
  expect(findings).toEqual([]);
  return (reference: string) => findIn(templates, reference);
}

describe("a remedy that is a template", () => {
  it("is its actions with the values of its parameters, which stay data", () => {
    const find = library(`step: { value: { files: [LICENSE], actions: [${WRITE}] } }`);
    const remedies = [{ name: "own", template: "add_licence@^1", with: { holder: "${steps.x.output} $${ Ada" } }];
    const [one] = draftOf(fileOf([{ id: "x", remedies }]), { sources: { find } }).changes;
    expect(one).toMatchObject({
      origin: "template",
      change: { remedy: "own", files: ["LICENSE"], actions: [{ text: "Copyright ${steps.x.output} $${ Ada" }] },
    });
  });

  const STEP = `step: { value: { actions: [${WRITE}] } }`;
  const LEFT = "step: { value: { actions: ['${steps.y.output}', '${parameters.holder}'] } }";
  it.each([
    { reason: "there is no template", reference: "unknown", values: {}, body: STEP },
    { reason: "is missing", values: {}, body: STEP },
    { reason: "no parameter", values: { holder: "a", other: 1 }, body: STEP },
    { reason: "is no remedy", body: "step: { value: { actions: [], x: '${parameters.holder}' } }" },
    { reason: "an expression left", body: LEFT },
    { reason: "not a step", body: `plan: { steps: { a: { value: { actions: [${WRITE}] } } } }` },
  ])("is passed over where $reason", ({ reason, reference = "add_licence", values = { holder: "a" }, body }) => {
    expect(remedyByTemplate(reference, values, library(body))).toContain(reason);
  });
});
