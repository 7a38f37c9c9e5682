// The tools of one process, by name. Exactly one version of a tool is registered: which one ran is in the facts.
//
// R1. Tools of this program win over those of sources outside, and an earlier source over a later one: nobody outside can take the
//     place of a tool that plans know.
// R2. Sources change while the process runs; what is asked is answered with what is there now.

import type { ErrorCategory } from "#events/errors.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Tool } from "./define.ts";

export interface ToolRegistry {
  get(name: string): Tool | undefined;
  /** Sorted by name. */
  list(): readonly Tool[];
  /** The registered name that a mistyped one most likely meant; undefined when none is close. */
  nearest(name: string): string | undefined;
  /** Why a tool is not there that a source outside has, or had; undefined where none knows of it. */
  absence(name: string): Absence | undefined;
}

/** Where tools come from that run outside: a server, a service. */
export interface ToolSource extends Pick<ToolRegistry, "get" | "absence"> {
  list(): readonly Tool[];
}

export interface Absence {
  readonly category: ErrorCategory;
  readonly code: string;
  readonly message: string;
}

/** Throws a TypeError when two of `tools` claim one name. */
export function registry(tools: readonly Tool[], sources: readonly ToolSource[] = []): ToolRegistry {
  const own = new Map<string, Tool>();
  for (const tool of tools) {
    if (own.has(tool.name)) throw new TypeError(`two tools are named ${tool.name}`);
    own.set(tool.name, tool);
  }
  const ownSorted = sorted(tools);
  const list = (): readonly Tool[] => (sources.length === 0 ? ownSorted : merged(own, sources));
  return {
    get: (name) => own.get(name) ?? firstOf(sources, (source) => source.get(name)),
    list,
    nearest: (name) =>
      nearestName(
        name,
        list().map((tool) => tool.name),
      ),
    absence: (name) => firstOf(sources, (source) => source.absence(name)),
  };
}

/** R1. */
function merged(own: ReadonlyMap<string, Tool>, sources: readonly ToolSource[]): readonly Tool[] {
  const all = new Map(own);
  for (const tool of sources.flatMap((source) => source.list())) if (!all.has(tool.name)) all.set(tool.name, tool);
  return sorted([...all.values()]);
}

function sorted(tools: readonly Tool[]): readonly Tool[] {
  return tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function firstOf<T>(sources: readonly ToolSource[], ask: (source: ToolSource) => T | undefined): T | undefined {
  for (const source of sources) {
    const found = ask(source);
    if (found !== undefined) return found;
  }
  return undefined;
}
