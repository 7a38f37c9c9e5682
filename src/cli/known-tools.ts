import { toolRegistry, toolsOfModels } from "#src/compose.ts";
import type { Grants } from "#src/cli/grants.ts";
import { loadTools } from "#src/cli/tool-modules.ts";
import type { Configuration } from "#src/config/configuration.ts";
import { declaredSecrets } from "#src/secrets/declared.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

type Declared = Pick<Grants["declared"], "models" | "secrets">;

/** Every tool of a command: the built-in ones, those of the modules, and those of the models. Faults: those of tool modules. */
export async function knownTools(
  modules: readonly string[],
  { models, secrets }: Declared = {},
): Promise<ToolRegistry> {
  const own = await loadTools(modules);
  return toolRegistry([...(await toolsOfModels(models, declaredSecrets(secrets), own)), ...own]);
}

/** Where nothing runs: what the modules named at the command line or in the configuration would give. */
export function configuredTools(
  modules: readonly string[] | undefined,
  configuration: Configuration | undefined,
): Promise<ToolRegistry> {
  const { settings = {} } = configuration ?? {};
  return knownTools(modules ?? settings.tools ?? [], settings);
}
