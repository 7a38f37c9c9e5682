// What a manifest says of its package, in whatever language: the same few words for all.

export type Ecosystem = "npm" | "python" | "cargo" | "go";

export interface Dependency {
  readonly name: string;
  /** As it is written; null where none is. */
  readonly range: string | null;
  readonly kind: "runtime" | "development" | "peer" | "optional" | "build";
}

export interface Manifest {
  readonly path: string;
  readonly ecosystem: Ecosystem;
  readonly name: string | null;
  readonly version: string | null;
  readonly dependencies: readonly Dependency[];
  /** Patterns of the directories of its workspace, `!` before one leaves out. */
  readonly workspace: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  /** Of package.json: how its modules are reached. */
  readonly entries?: { readonly exports: unknown; readonly imports: unknown; readonly main: string | null };
  /** Tools that it has settings for: `pytest`, `vitest`. */
  readonly configures: readonly string[];
}
