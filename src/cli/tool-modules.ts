import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Fault } from "#events/fault.ts";
import type { Tool } from "#src/tools/define.ts";
import { fromModule, toolsOfModule } from "#src/tools/module.ts";

// Loads a user's modules and takes the tools that they export: by name, or as a list `tools`.
//
// M1. A module that cannot be found, that throws, or that exports no tool is named before anything runs.

/** The tools of all modules, each once. Faults: `tool-module-missing`, `tool-module-failed`, `tool-module-empty`, `tool-name-taken`. */
export async function loadTools(modules: readonly string[]): Promise<readonly Tool[]> {
  const tools = new Map<string, { readonly tool: Tool; readonly from: string; readonly url: string }>();
  for (const from of modules) {
    const url = locate(from);
    for (const tool of await toolsOf(from, url)) {
      const known = tools.get(tool.name);
      if (known !== undefined && known.tool !== tool) {
        throw new Fault("tool-name-taken", `two tools are named ${tool.name}: one of ${known.from}, one of ${from}`);
      }
      tools.set(tool.name, { tool, from, url });
    }
  }
  return [...tools.values()].map(({ tool, url }) => fromModule(tool, url));
}

/** What stays true when somebody goes on from another directory: files by their absolute path, packages by name. */
export function lastingName(module: string): string {
  return isFile(module) ? path.resolve(module) : module;
}

async function toolsOf(module: string, url: string): Promise<readonly Tool[]> {
  const tools = await toolsOfModule(url).catch((cause: unknown) => {
    throw new Fault("tool-module-failed", `${module} failed while it was loaded: ${causeOf(cause)}`, { cause });
  });
  if (tools.length === 0) throw new Fault("tool-module-empty", `${module} exports no tool`);
  return tools;
}

function locate(module: string): string {
  try {
    const file = isFile(module) ? path.resolve(module) : createRequire(path.resolve("package.json")).resolve(module);
    // Reading a device need not end.
    if (statSync(file).isFile()) return pathToFileURL(file).href;
  } catch {
    // Not installed, or no file: the same answer as for one that is not there.
  }
  throw new Fault("tool-module-missing", `there is no tool module ${module} (looked from ${path.resolve()})`);
}

function isFile(module: string): boolean {
  return module.startsWith(".") || path.isAbsolute(module) || existsSync(module);
}

/** The message, and the first place in the stack: that of the module, not of its loader. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split("\n").find((line) => line.includes("file://"));
  return place === undefined ? error.message : `${error.message} (${place.trim()})`;
}
