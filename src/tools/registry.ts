// The tools of one process, by name. Exactly one version of a tool is registered: which one ran is in the facts.

import type { Tool } from "./define.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";

export interface ToolRegistry {
  get(name: string): Tool | undefined;
  /** Sorted by name. */
  list(): readonly Tool[];
  /** The registered name that a mistyped one most likely meant; undefined when none is close. */
  nearest(name: string): string | undefined;
}

/** Throws a TypeError when two tools claim one name. */
export function registry(tools: readonly Tool[]): ToolRegistry {
  const sorted = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1));
  const byName = new Map<string, Tool>();
  for (const tool of sorted) {
    if (byName.has(tool.name)) throw new TypeError(`two tools are named ${tool.name}`);
    byName.set(tool.name, tool);
  }
  return {
    get: (name) => byName.get(name),
    list: () => sorted,
    nearest: (name) => nearestName(name, [...byName.keys()]),
  };
}
