// Rules about the shape of a file: its size, its name, and what it exports.
import path from "node:path";
import ts from "typescript";
import { lineOf, nodesOf, type Source } from "./tree.ts";

const MAX_CODE_LINES = 300;
const SHAPELESS_NAME = /^(?:types?|commons?)$|(?:^|[-_.])(?:utils?|helpers?|misc|managers?)$/;

/** The only files that may pass on what others export. */
const DOORS: ReadonlySet<string> = new Set([
  "src/index.ts",
  "src/testing/index.ts",
  "src/client/index.ts",
  "src/client/browser.ts",
]);

export function medianLines(sources: readonly Source[]): number {
  const sizes = sources.map((source) => source.text.trimEnd().split("\n").length).sort((left, right) => left - right);
  return sizes[Math.floor(sizes.length / 2)] ?? 0;
}

/** A line counts as code when a token touches it: blank lines and comments are free. */
export function sizeProblems(source: Source): string[] {
  const lines = new Set<number>();
  for (const node of nodesOf(source.tree)) {
    if (node.getChildCount() > 0 || node.getWidth() === 0) continue;
    const last = lineOf(source, node.getEnd());
    for (let line = lineOf(source, node.getStart()); line <= last; line += 1) lines.add(line);
  }
  return lines.size > MAX_CODE_LINES ? [`${source.path}: ${lines.size} code lines, over ${MAX_CODE_LINES}`] : [];
}

/** Names that hold anything, for files and folders. */
export function nameProblems(file: string): string[] {
  const nameless = file.split("/").filter((part) => SHAPELESS_NAME.test(path.parse(part).name));
  return nameless.map((part) => `${file}: "${part}" names no noun of the domain`);
}

export function exportProblems(source: Source): string[] {
  const { statements } = source.tree;
  const problems = statements
    .filter((statement) => isDefaultExport(statement))
    .map((statement) => `${source.path}:${lineOf(source, statement.getStart())}: default export`);
  if (DOORS.has(source.path)) return problems;
  const passedOn = statements.filter((statement) => isPassedOn(statement));
  const hasOwn = statements.some((statement) => !isPassedOn(statement) && !ts.isImportDeclaration(statement));
  if (passedOn.length > 0 && !hasOwn) problems.push(`${source.path}: a barrel that is no door`);
  else if (passedOn.some((statement) => statement.exportClause === undefined)) {
    problems.push(`${source.path}: passes on everything of another file and is no door`);
  }
  return problems;
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return (
      clause !== undefined && ts.isNamedExports(clause) && clause.elements.some((it) => it.name.text === "default")
    );
  }
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)
  );
}

function isPassedOn(statement: ts.Statement): statement is ts.ExportDeclaration {
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
}
