import { modelsInUse, toolRegistry } from "#src/all-tools.ts";
import type { Grants } from "#src/cli/grants.ts";
import { loadTools } from "#src/cli/tool-modules.ts";
import type { ModelRecorder } from "#src/model/recording.ts";
import { grantedTo } from "#src/planning/request/request-grants.ts";
import { declaredSecrets } from "#src/secrets/declared.ts";
import { templateRegistry } from "#src/templates/registry.ts";
import type { ToolRegistry, ToolSource } from "#src/tools/registry.ts";

// The tools of a command, put together from what options and configuration say. Where they come from elsewhere is opened before
// (open-tools.ts).

interface Outside {
  readonly sources: readonly ToolSource[];
  /** Keeps what is said to models in planning. */
  readonly recorder?: ModelRecorder | undefined;
  /** Templates of packages are found from here, and those of `templates` in it where the configuration names none. */
  readonly directory: string;
  /** Absolute folder of the store, where plans run. */
  readonly store?: string | undefined;
}

type Declared = Pick<
  Grants["declared"],
  "models" | "planning" | "planner" | "secrets" | "requests" | "templates" | "plans"
>;

/** Every tool of a command: the built-in ones, those of modules, of models and of sources outside. Faults: those of tool modules. */
export async function knownTools(
  modules: readonly string[],
  { models, planning, planner, secrets, requests, ...templated }: Declared,
  { sources, recorder, directory, store }: Outside,
): Promise<ToolRegistry> {
  const own = await loadTools(modules);
  const asked = await modelsInUse({ models, planning, secrets: declaredSecrets(secrets), recorder, own });
  const { templates, plans } = templated;
  return toolRegistry([...asked.tools, ...own], sources, {
    ...asked.planning,
    implementation: { store },
    granted: grantedTo(requests),
    trained: planner,
    templates: () => templateRegistry({ templates, plans, directory }).templates,
  });
}
