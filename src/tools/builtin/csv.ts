// csv.read: the rows of a CSV file (RFC 4180) as records of text. Nothing is guessed: no numbers, no dates, no missing
// or surplus field; a row that does not fit its header is a failure that names it.

import { z } from "zod";
import { defineTool, ToolFailure } from "../define.ts";
import type { ToolContext } from "../define.ts";
import { readText } from "./file-content.ts";
import { pathArgument } from "./root.ts";

const MAX_ROWS = 100_000;

const MAX_COLUMNS = 1000;
const ROWS_BETWEEN_CHECKS = 1000;

export const csvRead = defineTool({
  name: "csv.read",
  version: "1.0.0",
  description:
    "Reads a CSV file inside the root. Each row becomes a record of text, named by the first row or `columns`.",
  input: z.strictObject({
    path: pathArgument,
    columns: z.array(z.string().min(1)).min(1).max(MAX_COLUMNS).optional().describe("when the file has no header row"),
    delimiter: z.string().length(1).default(","),
  }),
  output: z.array(z.record(z.string(), z.string())),
  sideEffects: "read",
  async run({ path, columns, delimiter }, context) {
    const rows = await parseRows({ path, delimiter, text: await readText(context, path) }, context);
    const names = columns ?? rows.shift() ?? [];
    checkNames(path, names);
    return rows.map((row, index) => {
      if (row.length === names.length) return Object.fromEntries(names.map((name, at) => [name, row[at] ?? ""]));
      throw badCsv(path, `row ${index + 1} has ${row.length} fields, not ${names.length}`);
    });
  },
});

interface CsvSource {
  readonly path: string;
  readonly text: string;
  readonly delimiter: string;
}

async function parseRows({ path, text, delimiter }: CsvSource, context: ToolContext): Promise<string[][]> {
  const { CsvError, parse } = await import("csv-parse");
  const rows: string[][] = [];
  const parsed: AsyncIterable<string[]> = parse(text, {
    delimiter,
    skip_empty_lines: true,
    relax_column_count: true,
    bom: true,
  });
  try {
    for await (const row of parsed) {
      rows.push(row);
      if (rows.length % ROWS_BETWEEN_CHECKS === 0) context.signal.throwIfAborted();
      // One more than the limit: the first may be the header.
      if (rows.length > MAX_ROWS + 1) throw tooManyRows(path);
    }
  } catch (error) {
    throw error instanceof CsvError ? badCsv(path, error.message) : error;
  }
  return rows;
}

/** Two columns of one name would silently become one, and a record cannot carry `__proto__`. */
function checkNames(path: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.includes("__proto__")) throw badCsv(path, "a column cannot be named __proto__");
  if (twice !== undefined) throw badCsv(path, `two columns are named ${JSON.stringify(twice)}`);
}

function badCsv(path: string, reason: string): ToolFailure {
  return new ToolFailure("validation", `${path}: ${reason}`, { code: "bad-csv" });
}

function tooManyRows(path: string): ToolFailure {
  return new ToolFailure("resource-exhausted", `${path}: more than ${MAX_ROWS} rows`, { code: "too-many-rows" });
}
