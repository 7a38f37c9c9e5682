import { z } from "zod";
import { builtinTools } from "#src/tools/builtin/all.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";
import { cancelOrder, findOrder, order, search, stock } from "../../builders/tools.ts";

// The tools of plans that are changed. Only those of files, texts and data are the real ones: what would start a program or
// speak to the network does nothing, because a changed plan may say anything.

const REAL = /^(?:fs|text|json|csv)\.(?!transform)/;

/** For every tool that the texts of plans call, and every built-in one. */
export function planTools(texts: readonly string[]): readonly Tool[] {
  const typed = [cancelOrder, findOrder, order, search, stock];
  const called = texts.flatMap((text) => [...text.matchAll(/\btool: ([a-z.]+)/g)].map(([, name = ""]) => name));
  const known = [...typed, ...builtinTools.filter(({ name }) => !REAL.test(name))];
  const others = new Set(called.filter((name) => ![...known, ...builtinTools].some((tool) => tool.name === name)));
  return [...known, ...[...others].map((name) => ({ name, version: "1.0.0" }))].map(harmless);
}

/** The tool as plans see it; it does nothing. */
function harmless({ name, version, ...tool }: Pick<Tool, "name" | "version"> & Partial<Tool>): Tool {
  return defineTool({
    name,
    version,
    description: "Does nothing.",
    input: tool.input ?? z.record(z.string(), z.unknown()),
    output: tool.output ?? z.unknown(),
    sideEffects: tool.sideEffects ?? "write",
    // It is never loaded from there: a plan that isolates a step is checked and not run.
    module: import.meta.url,
    run: () => null,
  });
}
