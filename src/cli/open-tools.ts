import path from "node:path";
import { openSources } from "#src/all-tools.ts";
import { knownTools } from "#src/cli/known-tools.ts";
import { commandLog } from "#src/cli/log.ts";
import { templateSettings } from "#src/cli/templates-here.ts";
import { lineText } from "#src/cli/text.ts";
import type { Configuration } from "#src/config/configuration.ts";
import { MODEL_RECORDS, recordFolder } from "#src/model/record-folder.ts";
import type { ModelRecorder } from "#src/model/recording.ts";
import { directoryOf, type StoreOptions } from "#src/open-store.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { ToolRegistry, ToolSource } from "#src/tools/registry.ts";

// All tools of a command: those of Planwright, of modules and models, and of the sources outside that the configuration names.
//
// T1. A source that cannot be used is told, and a plan that needs it is refused with the reason; everything else goes on.

export interface OpenTools extends AsyncDisposable {
  readonly tools: ToolRegistry;
  readonly sources: readonly ToolSource[];
  /** Keeps what is said to models in planning; where no plans run, nothing is. */
  readonly recorder: ModelRecorder | undefined;
}

export interface ToolsAround {
  readonly configuration?: Configuration | undefined;
  /** Hears what is wrong with a source. */
  readonly tell: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Where plans run: what is said to models in planning is kept beside it. */
  readonly store?: StoreOptions | undefined;
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
  const recorder = around.store && opening.use(await recorderBeside(around.store));
  const tools = await knownTools(modules ?? settings.tools ?? [], settings, {
    ...{ sources, recorder },
    directory: templateSettings(around.configuration).directory,
    store: around.store && path.resolve(directoryOf(around.store)),
  });
  const closing = opening.move();
  return { tools, sources, recorder, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

async function recorderBeside(store: StoreOptions) {
  const folder = path.join(directoryOf(store), MODEL_RECORDS);
  return recordFolder({ folder, clock: systemClock, log: await commandLog() });
}
