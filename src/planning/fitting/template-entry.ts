import type { JsonObject } from "#events/json.ts";
import { catalogEntry, type CatalogEntry } from "#src/planning/catalog/entry.ts";
import { keyOf, type WholeTemplate } from "#src/templates/template.ts";

// A template as if it were a tool: what planning knows of arguments, questions and follow-ups holds for its parameters too. No tool has
// such a name, and nothing runs it: it is written out as the plan that it stands for.

const MARK = "template:";

/** A secret is no parameter of it: it is never bound from words. */
export function templateEntry(template: WholeTemplate): CatalogEntry {
  const { name, version, title, description, parameters } = template;
  const open = Object.entries(parameters).filter(([, { schema }]) => schema.secret !== true);
  const properties = open.map(([parameter, { schema, description: said, default: preset }]): [string, JsonObject] => [
    parameter,
    {
      ...schema,
      ...(said === undefined ? {} : { description: said }),
      ...(preset === undefined ? {} : { default: preset }),
    },
  ]);
  const required = open.filter(([, { default: preset }]) => preset === undefined).map(([parameter]) => parameter);
  const inputSchema = { type: "object", properties: Object.fromEntries(properties), required };
  return catalogEntry({
    name: `${MARK}${keyOf(template)}`,
    version,
    description: description ?? title ?? name,
    ...{ inputSchema, outputSchema: {}, sideEffects: "read" },
  });
}

export function isTemplate(tool: string): boolean {
  return tool.startsWith(MARK);
}

/** The template that is called so. */
export function templateNamed(tool: string, templates: readonly WholeTemplate[]): WholeTemplate | undefined {
  return isTemplate(tool) ? templates.find((one) => tool === `${MARK}${keyOf(one)}`) : undefined;
}
