import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CONFIG_NAMES } from "#src/config/locate.ts";
import type { StoreOptions } from "#src/open-store.ts";
import { temporaryFolder } from "../store/folder.ts";
import { Program, type ProgramOptions } from "./program.ts";

// A folder in which the program runs and is killed: its store, the files that plans write, and the ledger beside them.

const TOOLS = fileURLToPath(new URL("./load/effects.tools.ts", import.meta.url));

export interface Place extends AsyncDisposable {
  readonly path: string;
  /** The folder: of the store, or what is kept beside a server's log. */
  readonly store: string;
  /** How the store is opened. */
  readonly where: Pick<StoreOptions, "store" | "local">;
  readonly ledger: string;
  /** The folder that the tools work in. */
  readonly root: string;
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
  /** URL of a server that keeps the log, in a namespace of its own. */
  readonly server?: string | undefined;
}

export async function crashPlace({ isBuilt = false, store = "store", server }: PlaceOptions = {}): Promise<Place> {
  const folder = await temporaryFolder();
  const at = (name: string): string => path.join(folder.path, name);
  await mkdir(at("files"));
  const ledger = at("ledger.jsonl");
  const where = server === undefined ? { store: at(store) } : { store: ownLog(server), local: at(store) };
  if (server !== undefined) await writeFile(at(CONFIG_NAMES[0] ?? ""), JSON.stringify(where));
  const named = server === undefined ? ["--store", at(store)] : [];
  return {
    path: folder.path,
    store: at(store),
    where,
    ledger,
    root: at("files"),
    start: (command, { env = {}, through } = {}) =>
      new Program({
        args: [...command, ...named, "--tools", TOOLS, "--root", at("files")],
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

function ownLog(server: string): string {
  return `${server}${server.includes("?") ? "&" : "?"}namespace=crash-${randomUUID()}`;
}
