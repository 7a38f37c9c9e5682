import type { SecretSource } from "#src/secrets/source.ts";

/** The in-memory twin: a map that may change while it is read. */
export function memorySecrets(values: ReadonlyMap<string, string>): SecretSource {
  return { placeOf: () => "memory", find: async (name) => values.get(name) };
}
