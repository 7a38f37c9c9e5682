import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import type { Choice, ReadConfiguration } from "#src/config/configuration.ts";

// Which configuration file counts: the one that is named by option, else by the environment, else the one in the directory
// where the command runs. Directories above are not searched: what a command does must not depend on what lies there.
//
// What reads the file (the YAML reader and the language's findings) is loaded only when there is one.

export const CONFIG_NAMES = ["planwright.config.yaml", "planwright.config.yml", "planwright.config.json"];
export const CONFIG_VARIABLE = "PLANWRIGHT_CONFIG";

const MAX_CONFIG_BYTES = 1024 * 1024;

export interface ConfigSurroundings {
  /** Of `--config`. */
  readonly named: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

/** Undefined where there is no file. Faults: `config-unreadable`, `config-twice`. */
export async function locateConfiguration(around: ConfigSurroundings): Promise<ReadConfiguration | undefined> {
  const found = choose(around);
  if (found === undefined) return undefined;
  const text = await readText(found.file);
  const { readConfiguration } = await import("#src/config/configuration.ts");
  return readConfiguration({ text, ...found });
}

function choose({ named, environment, directory }: ConfigSurroundings): { file: string; choice: Choice } | undefined {
  if (named !== undefined) return { file: named, choice: "flag" };
  const variable = environment[CONFIG_VARIABLE] ?? "";
  if (variable !== "") return { file: variable, choice: "environment" };
  const [file, other] = CONFIG_NAMES.map((name) => path.join(directory, name)).filter((name) => existsSync(name));
  if (other !== undefined) throw new Fault("config-twice", `there is ${file} and ${other}, and only one can count`);
  return file === undefined ? undefined : { file, choice: "directory" };
}

async function readText(file: string): Promise<string> {
  try {
    const looked = await stat(file);
    if (!looked.isFile()) throw new Error("it is no file");
    if (looked.size > MAX_CONFIG_BYTES) throw new Error(`it has more than ${MAX_CONFIG_BYTES} bytes`);
    return await readFile(file, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("config-unreadable", `the configuration ${file} cannot be read: ${why}`, { cause });
  }
}
