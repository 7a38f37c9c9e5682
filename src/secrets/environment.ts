import type { SecretSource } from "#src/secrets/source.ts";

// Secrets from environment variables. Only names with the prefix are given out, so that a plan cannot ask for whatever
// else this process happens to be told (cloud credentials, tokens of the shell that started it).

export const SECRET_PREFIX = "PLANWRIGHT_SECRET_";

type Environment = Readonly<Record<string, string | undefined>>;

/** `{ $secret: NAME }` is the variable `PLANWRIGHT_SECRET_NAME`, or one with another prefix. */
export function environmentSecrets(environment: Environment, prefix = SECRET_PREFIX): SecretSource {
  return {
    placeOf: (name) => `the environment variable ${prefix}${name}`,
    find: async (name) => environment[prefix + name],
  };
}
