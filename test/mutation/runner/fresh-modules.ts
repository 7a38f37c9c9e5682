import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

// Modules that can be evaluated again in the same process. A module of the project is a new one for every generation of its
// kind (tests, or what they test); packages are evaluated once. That is what makes a mutant cheap: a process that has
// everything compiled needs some milliseconds for it, a new process needs seconds.
//
// G1. `vitest` and `fast-check` are replaced for the project's modules only: the suite collects tests without running them.
// G2. Nothing is remembered of a generation but which module imports which.

/** The address of the library with few runs: its default export is a table, and this one has another `assert`. */
export const FAST_CHECK = "mutation:fast-check";
const FAST_CHECK_TEXT = `import fc from ${JSON.stringify(import.meta.resolve("fast-check"))};
import { fewRuns } from ${JSON.stringify(new URL("few-runs.ts", import.meta.url).href)};
export default { ...fc, assert: (property, given) => fc.assert(property, fewRuns(given)) };`;

export interface Generation {
  tests: number;
  sources: number;
}

export class FreshModules {
  readonly generation: Generation = { tests: 0, sources: 0 };
  private readonly root: string;
  private readonly replaced: ReadonlyMap<string, string>;
  /** What a module imports, both as addresses without a generation. */
  private readonly imports = new Map<string, Set<string>>();
  private readonly texts = new Map<string, string>();

  constructor(root: string, replaced: Readonly<Record<string, string>>) {
    this.root = pathToFileURL(`${root}/`).href;
    this.replaced = new Map(Object.entries(replaced));
  }

  install(): void {
    registerHooks({
      resolve: (specifier, context, next) => {
        const isOurs = this.isOwn(context.parentURL ?? "");
        const replacement = isOurs ? this.replaced.get(specifier) : undefined;
        if (replacement !== undefined) return { url: replacement, shortCircuit: true };
        const resolved = next(specifier, context);
        if (!this.isOwn(resolved.url)) return resolved;
        const url = bare(resolved.url);
        if (isOurs) this.note(bare(context.parentURL ?? ""), url);
        return { ...resolved, url: `${url}?g=${this.generationOf(url)}` };
      },
      load: (url, context, next) => {
        const path = bare(url);
        if (url === FAST_CHECK) return { format: "module", source: FAST_CHECK_TEXT, shortCircuit: true };
        if (!this.isOwn(url) || !path.endsWith(".ts")) return next(url, context);
        return { format: "module", source: this.textOf(path), shortCircuit: true };
      },
    });
  }

  import(path: string): Promise<unknown> {
    const url = this.urlOf(path);
    return import(`${url}?g=${this.generationOf(url)}`);
  }

  /** Every module that this one reaches through imports, itself included, as paths inside the root. */
  reachedFrom(path: string): ReadonlySet<string> {
    const reached = new Set([this.urlOf(path)]);
    for (const url of reached) for (const next of this.imports.get(url) ?? []) reached.add(next);
    return new Set([...reached].map((url) => url.slice(this.root.length)));
  }

  private urlOf(path: string): string {
    return new URL(path, this.root).href;
  }

  private isOwn(url: string): boolean {
    return url.startsWith(this.root) && !url.includes("/node_modules/");
  }

  private generationOf(url: string): string {
    const { tests, sources } = this.generation;
    return url.startsWith(`${this.root}test/`) ? `${sources}.${tests}` : String(sources);
  }

  private note(parent: string, child: string): void {
    const known = this.imports.get(parent);
    if (known === undefined) this.imports.set(parent, new Set([child]));
    else known.add(child);
  }

  private textOf(url: string): string {
    const known = this.texts.get(url);
    if (known !== undefined) return known;
    const text = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8"), { mode: "strip" });
    this.texts.set(url, text);
    return text;
  }
}

function bare(url: string): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}
