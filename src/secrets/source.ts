import { Fault } from "#events/fault.ts";
import { isSecretName, type Secrets } from "#src/ports/secrets.ts";

// The secrets port over places that are asked in order: the first that has the name answers. A place that has it and cannot
// read it fails: the next one might have an old value.

export interface SecretSource {
  /** Where it looks for a name, as a message says it. */
  placeOf(name: string): string;
  /** Undefined where it has no such secret. Fault: `secret-unreadable`. */
  find(name: string, signal: AbortSignal): Promise<string | undefined>;
}

/** Faults of what it gives: `secret-missing`, `secret-unreadable`. */
export function secretsFrom(...sources: readonly SecretSource[]): Secrets {
  return {
    resolve: async ({ $secret: name }, signal) => {
      if (!isSecretName(name)) {
        throw new Fault("secret-missing", "a secret's name is letters, digits, _ . -; what was given is not repeated");
      }
      for (const source of sources) {
        signal.throwIfAborted();
        const value = await source.find(name, signal);
        if (value !== undefined) return value;
      }
      const places = sources.map((source) => source.placeOf(name)).join(", ");
      throw new Fault("secret-missing", `there is no secret ${name}; looked for ${places}`);
    },
  };
}
