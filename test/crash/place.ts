import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../store/folder.ts";
import { Program, type ProgramOptions } from "./program.ts";

// A folder in which the program runs and is killed: its store, the files that plans write, and the ledger beside them.

const TOOLS = fileURLToPath(new URL("./load/effects.tools.ts", import.meta.url));

export interface Place extends AsyncDisposable {
  readonly path: string;
  readonly store: string;
  readonly ledger: string;
  /** Starts `planwright …` with the tools of the load; options after the command are added. */
  start(command: readonly string[], more?: Partial<Pick<ProgramOptions, "env" | "through">>): Program;
  /** Writes a file beside the store. */
  write(name: string, text: string): Promise<string>;
}

interface PlaceOptions {
  /** Runs what `npm run build` has made instead of the sources. */
  readonly isBuilt?: boolean;
  /** The store's folder in the place. */
  readonly store?: string;
}

export async function crashPlace({ isBuilt = false, store = "store" }: PlaceOptions = {}): Promise<Place> {
  const folder = await temporaryFolder();
  const at = (name: string): string => path.join(folder.path, name);
  await mkdir(at("files"));
  const ledger = at("ledger.jsonl");
  return {
    path: folder.path,
    store: at(store),
    ledger,
    start: (command, { env = {}, through } = {}) =>
      new Program({
        args: [...command, "--store", at(store), "--tools", TOOLS, "--root", at("files")],
        cwd: folder.path,
        env: { PLANWRIGHT_CRASH_LEDGER: ledger, ...(isBuilt ? { PLANWRIGHT_DIST: "1" } : {}), ...env },
        through,
      }),
    write: async (name, text) => {
      await writeFile(at(name), text);
      return at(name);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
