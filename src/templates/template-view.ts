import type { JsonObject } from "#events/json.ts";
import { keyOf, type WholeTemplate } from "#src/templates/template.ts";

/** A template as commands and programs are shown it: with what it inherits, and without its source. */
export function templateView(template: WholeTemplate) {
  const { name, version, kind, title, description, requests, actions, place, lineage, body, policies, tests } =
    template;
  return {
    ...{ template: keyOf(template), name, version, kind },
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...{ file: template.source.file, place, lineage, requests, actions },
    parameters: parametersOf(template),
    policies: { plan: policies.plan, tool: policies.tool },
    body,
    tests: tests.length,
  };
}

/** As they are written in a file. */
function parametersOf({ parameters }: WholeTemplate): JsonObject {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { schema, default: preset, description }]) => [
      name,
      {
        ...schema,
        ...(preset === undefined ? {} : { default: preset }),
        ...(description === undefined ? {} : { description }),
      },
    ]),
  );
}
