// Writes what is made from the plan language's own schemas: schemas/plan.schema.json, schemas/template.schema.json and
// schemas/requirements.schema.json, which editors use, and the tables of docs/plan-reference.md. With `--check` it writes nothing and fails where a file is stale. A path after the options names
// another folder than this checkout.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as prettier from "prettier";
import { requirementsJsonSchema } from "#src/implementation/requirements/file-schema.ts";
import { planJsonSchema } from "#src/language/plan-schema.ts";
import { templateJsonSchema } from "#src/templates/file-schema.ts";
import { referencePage } from "./reference/page.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STYLE = path.join(ROOT, ".config", "prettier.json");

const options = process.argv.slice(2);
const isCheck = options.includes("--check");
const folder = options.find((option) => !option.startsWith("--")) ?? ROOT;

const schema = planJsonSchema();
const made = {
  "schemas/plan.schema.json": JSON.stringify(schema),
  "schemas/template.schema.json": JSON.stringify(templateJsonSchema()),
  "schemas/requirements.schema.json": JSON.stringify(requirementsJsonSchema()),
  "docs/plan-reference.md": referencePage(schema),
};

for (const [name, text] of Object.entries(made)) {
  const file = path.join(folder, name);
  const style = await prettier.resolveConfig(file, { config: STYLE });
  const shown = await prettier.format(text, { ...style, filepath: file });
  if (!isCheck) writeFileSync(file, shown);
  else if (readFileSync(file, "utf8") !== shown) {
    console.error(`${file} does not show the language that runs: npm run docs:reference writes it`);
    process.exitCode = 1;
  }
}
