// A directory with files, and checks asked of it as the tool asks them.
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { askCheck, type Asked } from "#src/implementation/checks/ask-check.ts";
import { check } from "#src/implementation/checks/check.ts";
import { Places } from "#src/implementation/checks/places.ts";
import { contextOf, temporaryDirectory, type ContextOptions } from "../tools/context.ts";

export interface AssessedPlace {
  /** The directory. */
  readonly path: string;
  readonly store: string;
  write(name: string, text: string | Uint8Array): Promise<void>;
  git(...args: readonly string[]): void;
  /** Each time anew, as another assessment would. */
  ask(written: unknown, options?: ContextOptions & { readonly cache?: boolean }): Promise<Asked>;
  /** Several, side by side. */
  askAll(written: readonly unknown[]): Promise<readonly Asked[]>;
}

export async function assessedPlace(files: Readonly<Record<string, string>> = {}): Promise<AssessedPlace> {
  const root = await temporaryDirectory();
  const directory = path.join(root, "project");
  const store = path.join(root, "store");
  await mkdir(directory);
  const write = async (name: string, text: string | Uint8Array): Promise<void> => {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  let assessments = 0;
  const asked = async (
    written: readonly unknown[],
    { cache = true, ...options }: ContextOptions & { readonly cache?: boolean } = {},
  ): Promise<readonly Asked[]> => {
    const places = new Places({ store });
    const around = { directory: ".", assessment: String((assessments += 1)), cache };
    const context = contextOf({ root: directory, ...options });
    const found = await Promise.all(
      written.map(async (one) => askCheck(check.parse(one), await places.at(around, context))),
    );
    await places.ended(around, context);
    return found;
  };
  return {
    ...{ path: directory, store, write },
    git: (...args) =>
      void execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
        cwd: directory,
        stdio: "pipe",
      }),
    ask: async (written, options) => (await asked([written], options))[0]!,
    askAll: (written) => asked(written),
  };
}
