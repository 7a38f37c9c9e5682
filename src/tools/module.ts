import { registerHooks } from "node:module";
import type { Tool } from "./define.ts";

// The tools that a module exports, by name or in a list: the same for the command line, for a thread and for a process
// in which a tool is isolated.
//
// M1. `planwright` in such a module is this very program, wherever the module lies and whether or not it is installed
//     there: one `ToolFailure` for both, and no second copy to load.
// M2. Tools of a module know where they came from, so that they can be loaded again elsewhere.

/** Stands for the module of the tools that come with Planwright. */
export const BUILTIN = "planwright:builtin";

/** Each exported tool once, as it is exported. Rejects with what the module throws. */
export async function toolsOfModule(url: string): Promise<readonly Tool[]> {
  const found = Object.values(await loadModule(url)).flatMap((value): unknown[] =>
    Array.isArray(value) ? value : [value],
  );
  return [...new Set(found.filter(isTool))];
}

/** What a module exports, by name. Rejects with what the module throws. */
export async function loadModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  nameThisProgram();
  return (await import(url)) as Record<string, unknown>;
}

/** The same tool, which can be loaded again from there unless it says from where itself. */
export function fromModule<T extends Tool>(tool: T, url: string): T {
  return tool.module === undefined ? Object.freeze({ ...tool, module: url }) : tool;
}

const DOOR = import.meta.resolve("#src/index.ts");
let isNamed = false;

function nameThisProgram(): void {
  if (isNamed) return;
  isNamed = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "planwright" ? { url: DOOR, shortCircuit: true } : next(specifier, context),
  });
}

function isTool(value: unknown): value is Tool {
  if (typeof value !== "object" || value === null) return false;
  return (
    "name" in value && "version" in value && "inputSchema" in value && "run" in value && typeof value.run === "function"
  );
}
