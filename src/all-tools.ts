import { implementationTools, type ImplementationOptions } from "#src/implementation/tools.ts";
import type { PlanningModel, PlanningSettings } from "#src/model/planning-settings.ts";
import type { UsedModel } from "#src/model/tool-asking.ts";
import type { ModelRecorder } from "#src/model/recording.ts";
import type { ModelSettings } from "#src/model/settings.ts";
import { planningTools, type PlanningOptions } from "#src/planning/request/planning-tools.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import type { Secrets } from "#src/ports/secrets.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { McpSettings, OpenApiSettings } from "#src/sources/settings.ts";
import { builtinTools } from "#src/tools/builtin/all.ts";
import type { Tool } from "#src/tools/define.ts";
import { registry, type ToolRegistry, type ToolSource } from "#src/tools/registry.ts";

// Every tool there is in one process, from wherever: built in, of the user, of language models, of sources outside. What is not
// configured is not loaded.

/** What language models do in planning. */
type PlanningByModel = Pick<PlanningOptions, "model" | "answering"> & Pick<OwnOptions, "models">;

export interface OwnOptions extends Omit<PlanningOptions, "tools"> {
  readonly implementation?: Omit<ImplementationOptions, "drafting"> | undefined;
  /** By the names of the configuration, for remedies that are asked for. */
  readonly models?: ((name?: string) => UsedModel) | undefined;
}

/** The built-in tools, those of the user, and those of sources outside. Throws a TypeError when two of the user's claim one name. */
export function toolRegistry(
  tools: readonly Tool[] = [],
  sources: readonly ToolSource[] = [],
  { implementation, models, ...planning }: OwnOptions = {},
): ToolRegistry {
  const own = new Set(tools.map(({ name }) => name));
  const planners = planningTools({ tools: () => all, ...planning });
  const drafting = { templates: planning.templates, models };
  const implementers = implementationTools({ ...implementation, tools: () => all, drafting });
  const others = [...builtinTools, ...planners, ...implementers].filter(({ name }) => !own.has(name));
  const all = registry([...tools, ...others], sources);
  return all;
}

export interface ModelOptions {
  readonly models: Readonly<Record<string, ModelSettings>> | undefined;
  readonly planning?: PlanningSettings | undefined;
  readonly secrets: Secrets;
  /** Keeps what is said to models in planning, and what they say. */
  readonly recorder?: ModelRecorder | undefined;
  /** Of the user. */
  readonly own?: readonly Tool[];
}

interface ModelsInUse {
  /** The tools that ask the models; none of a name that the user has claimed. */
  readonly tools: readonly Tool[];
  readonly planning?: PlanningByModel;
}

export async function modelsInUse(options: ModelOptions): Promise<ModelsInUse> {
  const { models, planning = {}, secrets, own = [] } = options;
  if (models === undefined || Object.keys(models).length === 0) return { tools: [] };
  const { configuredModels } = await import("#src/model/model-book.ts");
  const { modelThatPlans } = await import("#src/model/planning-settings.ts");
  const { allModelTools } = await import("#src/planning/with-model/tools.ts");
  const recorder = planning.records === false ? undefined : options.recorder;
  const book = configuredModels(models, { secrets, clock: systemClock });
  const claimed = new Set(own.map(({ name }) => name));
  const model = modelThatPlans(book, planning);
  return {
    tools: allModelTools(book, recorder).filter(({ name }) => !claimed.has(name)),
    planning: {
      model: model && { ...model, recorder },
      models: (name) => ({ ...book.get(name), recorder }),
      answering: planning.answers === true && model !== undefined ? answeringBy(model) : undefined,
    },
  };
}

function answeringBy({ name, limits: { maxTimeMs } }: PlanningModel): PlanningOptions["answering"] {
  return { model: name, maxTimeMs };
}

export interface SourceOptions {
  readonly mcp?: McpSettings | undefined;
  readonly openapi?: Readonly<Record<string, OpenApiSettings>> | undefined;
  readonly log?: Log;
  /** Ends the waiting for servers that do not answer. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what is wrong with one. Default: the log does. */
  readonly tell?: (message: string) => void;
}

/** A plan that needs a source which cannot be used is refused with the reason. Faults: the signal's reason. */
export async function openSources(
  opened: AsyncDisposableStack,
  options: SourceOptions,
): Promise<readonly ToolSource[]> {
  const { mcp, openapi, log = SILENT, signal = new AbortController().signal, tell } = options;
  if (mcp === undefined && openapi === undefined) return [];
  const { OpenSources } = await import("#src/sources/sources.ts");
  const { sources, problems } = opened.use(
    await OpenSources.open({ mcp, openapi }, { clock: systemClock, log, signal }),
  );
  for (const { code, message } of problems) {
    if (tell === undefined) log.warn(message, { code });
    else tell(message);
  }
  return sources;
}
