import { openSources } from "#src/all-tools.ts";
import { knownTools } from "#src/cli/known-tools.ts";
import { commandLog } from "#src/cli/log.ts";
import { lineText } from "#src/cli/text.ts";
import type { Configuration } from "#src/config/configuration.ts";
import type { ToolRegistry, ToolSource } from "#src/tools/registry.ts";

// All tools of a command: those of Planwright, of modules and models, and of the sources outside that the configuration names.
//
// T1. A source that cannot be used is told, and a plan that needs it is refused with the reason; everything else goes on.

export interface OpenTools extends AsyncDisposable {
  readonly tools: ToolRegistry;
  readonly sources: readonly ToolSource[];
}

export interface ToolsAround {
  readonly configuration?: Configuration | undefined;
  /** Hears what is wrong with a source. */
  readonly tell: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const MAX_LINE_CHARS = 600;

/** Without `modules` those of the configuration. Faults: those of `loadTools`; the signal's reason. */
export async function openTools(modules: readonly string[] | undefined, around: ToolsAround): Promise<OpenTools> {
  const { mcp, openapi, ...settings } = around.configuration?.settings ?? {};
  await using opening = new AsyncDisposableStack();
  const sources =
    mcp === undefined && openapi === undefined
      ? []
      : await openSources(opening, {
          ...{ mcp, openapi, signal: around.signal, log: await commandLog() },
          tell: (message) => around.tell(lineText(`warning: ${message}`, MAX_LINE_CHARS)),
        });
  const tools = await knownTools(modules ?? settings.tools ?? [], settings, sources);
  const closing = opening.move();
  return { tools, sources, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
