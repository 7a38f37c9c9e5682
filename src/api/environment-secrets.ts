import { Fault } from "#events/fault.ts";
import type { Secrets } from "#src/ports/secrets.ts";

// Secrets from environment variables. Only names with the prefix are given out, so that a plan cannot ask for whatever
// else this process happens to be told (cloud credentials, tokens of the shell that started it).

const SECRET_PREFIX = "PLANWRIGHT_SECRET_";

type Environment = Readonly<Record<string, string | undefined>>;

/** `{ $secret: NAME }` is the variable `PLANWRIGHT_SECRET_NAME`. Fault: `secret-missing`. */
export function environmentSecrets(environment: Environment): Secrets {
  return {
    resolve: async ({ $secret }) => {
      const value = environment[SECRET_PREFIX + $secret];
      if (value !== undefined) return value;
      throw new Fault("secret-missing", `there is no secret ${$secret}; set ${SECRET_PREFIX}${$secret}`);
    },
  };
}
