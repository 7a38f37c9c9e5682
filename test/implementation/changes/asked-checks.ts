import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import type { CheckRunner } from "#src/implementation/changes/making.ts";

/** Asks checks of commands and of literal file names: enough to decide over changes. */
export const askedChecks: CheckRunner = async (check, directory) => {
  const isMet =
    check.kind === "command"
      ? answered(check, directory)
      : check.kind === "file" && check.files.every((file) => existsSync(path.join(directory, file)));
  return { verdict: isMet ? "met" : "unmet", evidence: isMet ? [] : [{ text: "it is not so" }], durationMs: 1 };
};

function answered({ run, exit }: { readonly run: readonly string[]; readonly exit: number }, cwd: string): boolean {
  const [command = "", ...args] = run;
  return spawnSync(command, args, { cwd }).status === exit;
}
