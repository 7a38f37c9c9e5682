import { toolRegistry, toolsOfModels } from "#src/all-tools.ts";
import type { Grants } from "#src/cli/grants.ts";
import { loadTools } from "#src/cli/tool-modules.ts";
import { declaredSecrets } from "#src/secrets/declared.ts";
import type { ToolRegistry, ToolSource } from "#src/tools/registry.ts";

type Declared = Pick<Grants["declared"], "models" | "secrets">;

/** Every tool of a command: the built-in ones, those of modules, of models and of sources outside. Faults: those of tool modules. */
export async function knownTools(
  modules: readonly string[],
  { models, secrets }: Declared,
  sources: readonly ToolSource[],
): Promise<ToolRegistry> {
  const own = await loadTools(modules);
  return toolRegistry([...(await toolsOfModels(models, declaredSecrets(secrets), own)), ...own], sources);
}
