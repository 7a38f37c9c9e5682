// The imports of all modules, file by file as they are read. What a file has said is kept as its edges in the graph alone:
// its text is gone when the next one comes.

import { compare, directoryOf } from "../code-path.ts";
import { goImports, pythonImports } from "./lexical-imports.ts";
import { ModuleGraph } from "./module-graph.ts";
import type { Found, Resolution } from "./resolution.ts";
import type { ImportsIn } from "./typescript-imports.ts";

const NODE = /\.[cm]?[jt]sx?$/u;
const PYTHON = /\.pyi?$/u;
const GO = /\.go$/u;

/** Whether any of its imports are looked for. */
export function isNodeModule(path: string): boolean {
  return NODE.test(path);
}

export class ImportSurvey {
  readonly graph = new ModuleGraph();
  readonly #resolution: Resolution;
  readonly #nodeImports: ImportsIn | undefined;
  readonly #lexical = new Set<string>();

  /** Without `nodeImports` those of TypeScript and JavaScript stay unknown. */
  constructor(resolution: Resolution, nodeImports: ImportsIn | undefined) {
    this.#resolution = resolution;
    this.#nodeImports = nodeImports;
  }

  add(path: string, bytes: Buffer): void {
    if (NODE.test(path)) this.#addNode(path, bytes);
    else if (PYTHON.test(path)) this.#addPython(path, bytes.toString());
    else if (GO.test(path)) this.#addGo(path, bytes.toString());
  }

  /** Languages that were read by rules over lines. */
  lexical(): readonly string[] {
    return [...this.#lexical].sort(compare);
  }

  #addNode(path: string, bytes: Buffer): void {
    if (this.#nodeImports === undefined) return;
    this.#record(
      path,
      this.#nodeImports(bytes).map((specifier) => ({ specifier, found: this.#resolution.node(path, specifier) })),
    );
  }

  #addPython(path: string, text: string): void {
    this.#lexical.add("Python");
    const found = pythonImports(text).flatMap(({ module, names }) => {
      const within = module.endsWith(".") ? module : `${module}.`;
      const inside = names.map((name) => ({
        specifier: within + name,
        found: this.#resolution.python(path, within + name),
      }));
      const modules = inside.filter((one) => one.found !== undefined && "module" in one.found);
      if (modules.length > 0 && modules.length === names.length) return modules;
      return [...modules, { specifier: module, found: this.#resolution.python(path, module) }];
    });
    this.#record(path, found);
  }

  #addGo(path: string, text: string): void {
    this.#lexical.add("Go");
    const found = goImports(text).map((specifier) => ({ specifier, found: this.#resolution.go(specifier) }));
    this.#record(directoryOf(path) || ".", found);
  }

  readonly #seen = new Map<string, Set<string>>();

  #record(from: string, all: readonly { readonly specifier: string; readonly found: Found }[]): void {
    this.graph.addModule(from);
    const seen = this.#seenOf(from);
    for (const { specifier, found } of all) {
      const to =
        found === undefined ? `? ${specifier}` : "module" in found ? `> ${found.module}` : `@ ${found.package}`;
      if (seen.has(to)) continue;
      seen.add(to);
      if (found === undefined) this.graph.addUnresolved(from, specifier);
      else if ("package" in found) this.graph.addPackage(found.package);
      else if (found.module !== from) this.graph.addImport(from, found.module || ".");
    }
  }

  /** A package of Go has several files, which come one after the other; any other module has one. */
  #seenOf(from: string): Set<string> {
    const known = this.#seen.get(from);
    if (known !== undefined) return known;
    this.#seen.clear();
    const fresh = new Set<string>();
    this.#seen.set(from, fresh);
    return fresh;
  }
}
