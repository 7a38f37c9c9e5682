import { capital, clipped } from "#src/planning/responding/output-sentence.ts";
import type { Combination } from "#src/planning/writing/combined-outputs.ts";

// What several calls of one tool gave, said as one table: a line that says of what and how many, and the table behind it.

/** Rows that are shown. The outputs have all of them. */
const MAX_ROWS = 20;
/** UTF-16 units of a cell. */
const MAX_CELL_CHARS = 200;

/** `label`: in letters, digits and spaces. */
export function tableSentences({ list, columns, entry: { outputs } }: Combination, label: string): string {
  const entry = columns.map((name) => `${JSON.stringify(name)}: ${cell(`r.${name}`)}`);
  const names = columns.map((name) => JSON.stringify(name)).join(", ");
  const table = `${list}.slice(0, ${MAX_ROWS}).map(r, {${entry.join(", ")}}).table([${names}]).markdown()`;
  const shown = `(size(${list}) > ${MAX_ROWS} ? ", the first ${MAX_ROWS}" : "")`;
  // What is counted in each is counted in all of them: "words" of two files are not two.
  const counted = outputs.find(
    ({ path, type }) =>
      path.length === 1 && path[0] === label.toLowerCase() && (type === "integer" || type === "number"),
  );
  const number = counted === undefined ? `size(${list})` : `${list}.map(r, r.${label.toLowerCase()}).sum()`;
  return `${capital(label)}: \${string(${number}) + " in all" + ${shown}}.\n\${${table}}`;
}

/** Its text, whatever it is, also where it is not there. */
function cell(field: string): string {
  const text = `(type(${field}) == "string" ? string(dyn(${field})) : json(${field}))`;
  return `(has(${field}) && ${field} != null ? ${clipped(text, MAX_CELL_CHARS)} : "")`;
}
