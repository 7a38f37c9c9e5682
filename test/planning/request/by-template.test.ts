import { describe, expect, it } from "vitest";
import { toolRegistry } from "#src/all-tools.ts";
import type { Json, JsonObject } from "#events/json.ts";
import type { Planned } from "#src/planning/request/planned.ts";
import { planned } from "#src/planning/request/planning.ts";
import { libraryOf } from "../../templates/template-file.ts";

const NOW = Date.UTC(2026, 10, 28);
const REPORT = `template: file_report
version: 1.2.0
title: A report of how long a file is
for:
  requests: ["make the length report of {file}", "report how long {file} is"]
  actions: [report]
parameters:
  file: { type: string, description: "the file that the report is about" }
  unit: { enum: [lines, words], default: words }
plan:
  steps:
    text: { tool: fs.read, with: { path: "\${parameters.file}" } }
    sizes: { tool: text.count, with: { text: "\${steps.text.output}" } }
  outputs: { length: "\${steps.sizes.output.\${parameters.unit}}" }
  onFailure: continue
`.replace("${steps.sizes.output.${parameters.unit}}", "${steps.sizes.output.words}");
const BROKEN = `template: reading_list
for: { requests: ["make the reading list of {topic}"] }
parameters: { topic: { type: string } }
plan: { steps: { a: { tool: no.such_tool, with: { topic: "\${parameters.topic}" } } } }
`;
const HIDDEN = `template: key_report
for: { requests: ["make the key report of {place}"] }
parameters: { place: { type: string }, key: { secret: true } }
plan: { steps: { a: { value: "\${parameters.place}\${parameters.key}" } } }
`;
const { templates } = libraryOf(REPORT, BROKEN, HIDDEN);

interface Said {
  readonly answers?: readonly Json[];
  readonly earlier?: readonly JsonObject[];
  readonly context?: JsonObject;
}

function plan(request: string, { answers = [], earlier = [], context = {} }: Said = {}): Planned {
  const grounds = { tools: toolRegistry(), granted: {}, reports: [], past: [], now: NOW, templates };
  return planned({ request, context, earlier, answers, number: answers.length + 1 }, grounds);
}

describe("a request that a template is written for", () => {
  it("is the template's plan, with what it says as parameters, and why", () => {
    const result = plan("Make the length report of notes.txt");
    expect(result).toMatchObject({
      kind: "plan",
      rest: {
        steps: [{ id: "text", call: { with: { path: "notes.txt" } } }, { id: "sizes" }],
        outputs: { length: "${steps.sizes.output.words}" },
        onFailure: "continue",
      },
      template: { name: "file_report", version: "1.2.0" },
      made: { calls: [{ tool: "template:file_report@1.2.0", arguments: { file: { kind: "said" } } }] },
    });
  });

  it("asks for a parameter that nobody said, and goes on with the answer", () => {
    const asked = plan("Make the length report");
    expect(asked).toMatchObject({ kind: "question", questions: [{ id: "template:file_report@1.2.0.file" }] });
    expect(plan("Make the length report", { context: { file: "a.md" } })).toMatchObject({
      rest: { steps: [{ call: { with: { path: "a.md" } } }, {}] },
    });
    expect(plan("Make the length report", { answers: ["other.txt"] })).toMatchObject({
      rest: { steps: [{ call: { with: { path: "other.txt" } } }, {}] },
    });
  });

  it("is repeated with what is said to be different", () => {
    const first = plan("Make the length report of notes.txt");
    if (first.kind !== "plan") throw new Error(first.kind);
    const earlier = {
      plan: "p1",
      request: "",
      at: 1,
      outcome: "succeeded",
      made: JSON.parse(JSON.stringify(first.made)),
    };
    expect(plan("the same for other.txt", { earlier: [earlier] })).toMatchObject({
      rest: { steps: [{ call: { with: { path: "other.txt" } } }, {}] },
      template: { score: 1 },
    });
  });

  it("is planned without it where the template's plan cannot run, is forbidden or wants a secret", () => {
    for (const request of [
      "Make the reading list of notes.txt",
      "Make the key report of notes.txt",
      "Make the length report of notes.txt, but do not use text.count",
    ])
      expect(plan(request)).not.toHaveProperty("template");
  });

  it("is not one where it says something else, and a template that hardly fits is passed over", () => {
    expect(plan("Count the words in notes.txt")).not.toHaveProperty("template");
    expect(plan("List the files in the folder src")).not.toHaveProperty("template");
  });

  it("takes what it says as data, whatever is in it", () => {
    expect(plan('Make the length report of "${inputs.context}"')).toMatchObject({
      rest: { steps: [{ call: { with: { path: "$${inputs.context}" } } }, {}] },
    });
  });
});
