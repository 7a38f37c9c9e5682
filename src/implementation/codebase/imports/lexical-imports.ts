// What a module of Python or Go imports, by rules over its lines: no parser, so what is built at run time, hidden behind a condition or
// written in a text of several lines that looks like an import is not told apart. Each result says that it was found this way.

const MAX_IMPORTS_A_FILE = 2_000;

/** `import a.b as c, d` and `from .a import b, c`: modules as Python names them; names that may be modules are added as `from`. */
export interface PythonImport {
  readonly module: string;
  /** What is taken from it, each perhaps a module of its own. */
  readonly names: readonly string[];
}

export function pythonImports(text: string): readonly PythonImport[] {
  const found: PythonImport[] = [];
  for (const [, plain, from, bracketed, names] of text.matchAll(PYTHON)) {
    if (found.length >= MAX_IMPORTS_A_FILE) break;
    if (plain !== undefined) found.push(...namesIn(plain).map((module) => ({ module, names: [] })));
    else if (from !== undefined) found.push({ module: from, names: namesIn(bracketed ?? names ?? "") });
  }
  return found;
}

const PYTHON =
  /^[ \t]*(?:import[ \t]+([\w., \t]+)|from[ \t]+([\w.]+)[ \t]+import[ \t]*(?:\(([^)]{0,20000})\)|([\w., \t*]+)))/gmu;

function namesIn(list: string): readonly string[] {
  return list
    .replaceAll(/#[^\n]*/gu, "")
    .split(",")
    .map((name) => name.trim().split(/\s+/u)[0] ?? "")
    .filter((name) => /^[\w.]+$/u.test(name));
}

/** `import "x"`, `import name "x"` and the lines of `import ( … )`. */
export function goImports(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [, single, block] of text.matchAll(GO)) {
    if (single !== undefined) found.add(single);
    for (const [, path] of (block ?? "").matchAll(GO_LINE)) if (path !== undefined) found.add(path);
    if (found.size >= MAX_IMPORTS_A_FILE) break;
  }
  return [...found];
}

const GO = /^import[ \t]+(?:(?:[\w.]+[ \t]+)?"([^"\n]+)"|\(([^)]{0,50000})\))/gmu;
const GO_LINE = /^[ \t]*(?:[\w.]+[ \t]+)?"([^"\n]+)"/gmu;
