// A summary of a codebase: sizes, manifests, imports, tests, history, each in bounded lists.
//
// C1. Files are read one after the other into the same memory; what is kept of one is its name, its counts and whom it imports. For n
//     files that is below 2.5 KiB a file beside a constant: the list, the names and the graph.
// C2. The same tree gives the same summary, in whatever order it was made; only history depends on more than the files.
// C3. What cannot be read is said and left out; it ends nothing.
// C4. It looks without a pause at files by the system's synchronous calls, three times as fast as the others: it belongs into a thread.

import { loopTurn } from "#src/ports/system/loop-turn.ts";
import type { GitContext } from "#src/tools/builtin/git-command.ts";
import { openDirectory } from "#src/tools/builtin/root.ts";
import { clipped } from "./clipped.ts";
import { FileReader, linesIn } from "./content/file-reader.ts";
import { Sizes } from "./content/sizes.ts";
import type { CodebaseContext } from "./context-shape.ts";
import { historyOf } from "./history.ts";
import { ImportSurvey, isNodeModule } from "./imports/import-survey.ts";
import { pathSettingsOf } from "./imports/path-settings.ts";
import { Resolution } from "./imports/resolution.ts";
import { importsByTypescript, typescriptScanner } from "./imports/typescript-imports.ts";
import type { CodeFile } from "./listing/entries.ts";
import { filesOf, type CodeFiles } from "./listing/files.ts";
import { noteBook, reasonOf, type NoteBook } from "./listing/notes.ts";
import {
  directDependencies,
  internalDependencies,
  lockSummary,
  manifestSummaries,
} from "./manifests/dependency-summary.ts";
import { manifestFilesOf, type ManifestFiles } from "./manifests/manifest-files.ts";
import { TestFiles } from "./tests-found.ts";

const FILES_A_TURN = 64;
const MAX_REPOSITORIES = 50;
const MAX_LOCKS = 20;
/** Of each kind, where the whole graph is asked for. */
const MAX_GRAPH_EDGES = 20_000;

export interface SummaryOptions {
  /** Whether single imports and dependencies of packages are told too. */
  readonly graph?: boolean;
  /** Hears how far it is, from 0 to 1. */
  readonly progress?: (share: number) => void;
  /** Loads TypeScript's scanner. Default: the package, where it is installed. */
  readonly typescript?: typeof typescriptScanner;
}

/** Fails as `filesOf` does. */
export async function summaryOf(
  context: GitContext,
  directory: string,
  options: SummaryOptions = {},
): Promise<CodebaseContext> {
  const listed = await filesOf(context, directory);
  await using held = await openDirectory(context.roots.fs, directory);
  const survey = await Survey.open({ context, root: held.path, listed, options });
  await survey.readAll();
  const paths = new Set(listed.files.map(({ path }) => path));
  const asked = { exists: (path: string) => paths.has(path), notes: survey.notes };
  const history = listed.source === "git" ? await historyOf(context, directory, asked) : null;
  return clipped({ directory, ...survey.summary(options.graph === true), history, notes: survey.allNotes() });
}

interface Surveyed {
  readonly context: GitContext;
  readonly root: string;
  readonly listed: CodeFiles;
  readonly options: SummaryOptions;
}

interface Parts {
  readonly reader: FileReader;
  readonly manifests: ManifestFiles;
  readonly imports: ImportSurvey;
  readonly typescript: CodebaseContext["imports"]["typescript"];
}

class Survey {
  readonly notes: NoteBook;
  readonly #of: Surveyed;
  readonly #parts: Parts;
  readonly #sizes = new Sizes();
  readonly #tests = new TestFiles();

  static async open(of: Surveyed): Promise<Survey> {
    const notes = noteBook();
    const { context, root, listed, options } = of;
    const reader = new FileReader(root);
    const textOf = (path: string, maxBytes: number): string => reader.text(path, maxBytes);
    const manifests = await manifestFilesOf(listed.files, { textOf, notes, signal: context.signal });
    const paths = new Set(listed.files.flatMap(({ path, kind }) => (kind === "file" ? [path] : [])));
    const isAsked = listed.files.some(({ path }) => isNodeModule(path));
    const ts = isAsked ? (options.typescript ?? typescriptScanner)() : undefined;
    const settings = ts === undefined ? new Map() : pathSettingsOf({ ts, paths, textOf, notes });
    const resolution = new Resolution({ paths, manifests: manifests.manifests, settings });
    const imports = new ImportSurvey(resolution, ts && importsByTypescript(ts));
    const typescript = ts === undefined ? (isAsked ? "unknown" : "none") : "scanned";
    return new Survey(of, notes, { reader, manifests, imports, typescript });
  }

  private constructor(of: Surveyed, notes: NoteBook, parts: Parts) {
    this.#of = of;
    this.notes = notes;
    this.#parts = parts;
  }

  async readAll(): Promise<void> {
    const { context, listed, options } = this.#of;
    for (const [index, file] of listed.files.entries()) {
      if (index % FILES_A_TURN === 0) {
        await loopTurn();
        context.signal.throwIfAborted();
        options.progress?.(index / listed.files.length);
      }
      if (file.kind === "file") this.#look(file);
      else this.#sizes.addUnread(file.kind);
    }
  }

  #look(file: CodeFile): void {
    this.#tests.add(file.path);
    try {
      const content = this.#parts.reader.read(file.path);
      if (content === undefined) this.#sizes.add(file, "large");
      else if (content.isBinary) this.#sizes.add(file, "binary");
      else {
        this.#sizes.add(file, { lines: linesIn(content.bytes) });
        this.#parts.imports.add(file.path, content.bytes);
      }
    } catch (error) {
      this.#sizes.add(file, "unreadable");
      this.notes.add("unreadable-entry", file.path, reasonOf(error));
    }
  }

  summary(withGraph: boolean): Omit<CodebaseContext, "directory" | "history" | "notes"> {
    const { listed } = this.#of;
    const { imports, manifests, typescript } = this.#parts;
    const { repositories } = listed;
    return {
      source: listed.source,
      totals: { ...this.#sizes.totals(), repositories: repositories.length },
      languages: this.#sizes.languages(),
      repositories: repositories.slice(0, MAX_REPOSITORIES),
      dependencies: dependenciesOf(manifests),
      imports: { typescript, lexical: imports.lexical(), ...imports.graph.summary() },
      tests: this.#tests.found(manifests.manifests),
      ...(withGraph ? { graph: graphOf(imports, manifests) } : {}),
    };
  }

  allNotes(): CodebaseContext["notes"] {
    return [...this.#of.listed.notes, ...this.notes.all()];
  }
}

function dependenciesOf({ manifests, locks }: ManifestFiles): CodebaseContext["dependencies"] {
  return {
    manifests: manifests.length,
    first: manifestSummaries(manifests),
    direct: directDependencies(manifests),
    internal: internalDependencies(manifests),
    locks: { count: locks.length, first: locks.slice(0, MAX_LOCKS).map(lockSummary) },
  };
}

function graphOf(imports: ImportSurvey, { locks }: ManifestFiles): NonNullable<CodebaseContext["graph"]> {
  const packages = locks.flatMap(({ lock }) =>
    lock.entries.flatMap(({ id, needs }) => needs.map((need) => [id, need] as const)),
  );
  const all = imports.graph.imports();
  return {
    imports: { count: all.length, first: all.slice(0, MAX_GRAPH_EDGES) },
    packages: { count: packages.length, first: packages.slice(0, MAX_GRAPH_EDGES) },
  };
}
