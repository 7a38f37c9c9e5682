import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe } from "vitest";
import { environmentSecrets } from "#src/secrets/environment.ts";
import { fileSecrets } from "#src/secrets/files.ts";
import { memorySecrets } from "#src/secrets/memory.ts";
import { secretsFrom } from "#src/secrets/source.ts";
import { secretsContract, type SecretsHarness } from "../contracts/secrets.ts";
import { temporaryFolder } from "../store/folder.ts";

describe("secrets in memory", () => {
  secretsContract(async () => {
    const values = new Map<string, string>();
    return {
      secrets: secretsFrom(memorySecrets(values)),
      set: async (name, value) => {
        if (value === undefined) values.delete(name);
        else values.set(name, value);
      },
      [Symbol.asyncDispose]: async () => values.clear(),
    };
  });
});

describe("secrets in the environment", () => {
  secretsContract(async () => {
    const environment: Record<string, string | undefined> = { TOKEN: "without the prefix", HOME: "/home" };
    return {
      secrets: secretsFrom(environmentSecrets(environment, "MY_")),
      set: async (name, value) => void (environment[`MY_${name}`] = value),
      [Symbol.asyncDispose]: async () => undefined,
    };
  });
});

describe("secrets in files", () => {
  secretsContract(async () => inFiles());
});

describe("secrets in files, then in the environment", () => {
  secretsContract(async () => {
    const files = await inFiles();
    return { ...files, secrets: secretsFrom(fileSecrets(files.path), environmentSecrets({})) };
  });
});

async function inFiles(): Promise<SecretsHarness & { readonly path: string }> {
  const folder = await temporaryFolder();
  const fileOf = (name: string): string => path.join(folder.path, name);
  return {
    path: folder.path,
    secrets: secretsFrom(fileSecrets(folder.path)),
    set: (name, value) => (value === undefined ? rm(fileOf(name)) : writeFile(fileOf(name), value)),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
