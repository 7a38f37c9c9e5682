import process from "node:process";
import type { Secrets } from "#src/ports/secrets.ts";
import { environmentSecrets } from "./environment.ts";
import { fileSecrets } from "./files.ts";
import { secretsFrom } from "./source.ts";

/** Where secrets are kept, beside the environment variables `PLANWRIGHT_SECRET_…`. */
export interface DeclaredSecrets {
  /** Another prefix than `PLANWRIGHT_SECRET_`; never empty. */
  readonly environment?: { readonly prefix: string } | undefined;
  /** A directory with one file a secret; it is asked before the environment. */
  readonly files?: { readonly directory: string } | undefined;
}

export function declaredSecrets({ environment, files }: DeclaredSecrets = {}): Secrets {
  const variables = environmentSecrets(process.env, environment?.prefix);
  return files === undefined ? secretsFrom(variables) : secretsFrom(fileSecrets(files.directory), variables);
}
