import { existsSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Fault } from "#events/fault.ts";
import type { Tool } from "#src/tools/define.ts";

// Loads a user's modules and takes the tools that they export: by name, or as a list `tools`.
//
// M1. A module that cannot be found, that throws, or that exports no tool is named before anything runs.
// M2. `planwright` in such a module is this very program, wherever the module lies and whether or not it is installed
//     there: one `ToolFailure` for both, and no second copy to load.

/** The tools of all modules, each once. Faults: `tool-module-missing`, `tool-module-failed`, `tool-module-empty`, `tool-name-taken`. */
export async function loadTools(modules: readonly string[]): Promise<readonly Tool[]> {
  if (modules.length > 0) nameThisProgram();
  const tools = new Map<string, { readonly tool: Tool; readonly from: string }>();
  for (const from of modules) {
    for (const tool of await toolsOf(from)) {
      const known = tools.get(tool.name);
      if (known !== undefined && known.tool !== tool) {
        throw new Fault("tool-name-taken", `two tools are named ${tool.name}: one of ${known.from}, one of ${from}`);
      }
      tools.set(tool.name, { tool, from });
    }
  }
  return [...tools.values()].map(({ tool }) => tool);
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

/** What stays true when somebody goes on from another directory: files by their absolute path, packages by name. */
export function lastingName(module: string): string {
  return isFile(module) ? path.resolve(module) : module;
}

async function toolsOf(module: string): Promise<readonly Tool[]> {
  const url = locate(module);
  const loaded = await load(module, url);
  const found = Object.values(loaded).flatMap((value): unknown[] => (Array.isArray(value) ? value : [value]));
  const tools = [...new Set(found.filter(isTool))];
  if (tools.length === 0) throw new Fault("tool-module-empty", `${module} exports no tool`);
  return tools;
}

function locate(module: string): string {
  try {
    const file = isFile(module) ? path.resolve(module) : createRequire(path.resolve("package.json")).resolve(module);
    if (existsSync(file)) return pathToFileURL(file).href;
  } catch {
    // Not installed: the same answer as for a file that is not there.
  }
  throw new Fault("tool-module-missing", `there is no tool module ${module} (looked from ${path.resolve()})`);
}

async function load(module: string, url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    throw new Fault("tool-module-failed", `${module} failed while it was loaded: ${said(cause)}`, { cause });
  }
}

function isFile(module: string): boolean {
  return module.startsWith(".") || path.isAbsolute(module) || existsSync(module);
}

function isTool(value: unknown): value is Tool {
  if (typeof value !== "object" || value === null) return false;
  return (
    "name" in value && "version" in value && "inputSchema" in value && "run" in value && typeof value.run === "function"
  );
}

/** The message, and the first place in the stack: that of the module, not of its loader. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split("\n").find((line) => line.includes("file://"));
  return place === undefined ? error.message : `${error.message} (${place.trim()})`;
}
