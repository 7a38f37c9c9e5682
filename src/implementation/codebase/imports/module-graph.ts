// Who imports whom: modules by number, so that a million imports take eight megabytes and their names none.
// What is told of it is ranked and bounded; ties are in the order of names, so that the same graph is told the same.

import { compare } from "../code-path.ts";
import { components } from "./cycles.ts";

/** Imports that are kept; those beyond are counted and not ranked. */
const MAX_EDGES = 2_000_000;
const MAX_TOP = 20;
const MAX_CYCLES = 10;
const MAX_CYCLE_MEMBERS = 20;
/** Other packages that are told apart. */
const MAX_PACKAGES = 100_000;

export class ModuleGraph {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  #ends = new Uint32Array(2_048);
  #edges = 0;
  #beyond = 0;
  readonly #packages = new Map<string, number>();
  readonly #unresolved: { from: string; specifier: string }[] = [];
  #unresolvedCount = 0;

  addModule(name: string): void {
    this.#numberOf(name);
  }

  /** Each pair once. */
  addImport(from: string, to: string): void {
    if (this.#edges >= MAX_EDGES) {
      this.#beyond += 1;
      return;
    }
    if (this.#edges * 2 === this.#ends.length) {
      const larger = new Uint32Array(this.#ends.length * 2);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[this.#edges * 2] = this.#numberOf(from);
    this.#ends[this.#edges * 2 + 1] = this.#numberOf(to);
    this.#edges += 1;
  }

  /** Once a module. */
  addPackage(name: string): void {
    const known = this.#packages.get(name);
    if (known !== undefined || this.#packages.size < MAX_PACKAGES) this.#packages.set(name, (known ?? 0) + 1);
  }

  addUnresolved(from: string, specifier: string): void {
    this.#unresolvedCount += 1;
    if (this.#unresolved.length < MAX_TOP) this.#unresolved.push({ from, specifier });
  }

  summary(): ModuleGraphSummary {
    const [importing, imported] = [new Uint32Array(this.#names.length), new Uint32Array(this.#names.length)];
    for (const [from, to] of this.#pairs()) {
      importing[from] = (importing[from] ?? 0) + 1;
      imported[to] = (imported[to] ?? 0) + 1;
    }
    const cycles = components(this.#names.length, this.#ends.subarray(0, this.#edges * 2)).filter(
      (members) => members.length > 1,
    );
    return {
      modules: this.#names.length,
      imports: this.#edges + this.#beyond,
      unresolved: this.#unresolvedCount,
      unresolvedExamples: this.#unresolved,
      mostImported: this.#ranked(imported),
      mostImporting: this.#ranked(importing),
      packages: this.#packages.size,
      mostUsedPackages: topOf([...this.#packages].map(([name, modules]) => ({ name, modules }))),
      cycles: cycles.length,
      largestCycles: cycles
        .map((members) => ({
          modules: members.length,
          members: members
            .map((member) => this.#nameOf(member))
            .sort()
            .slice(0, MAX_CYCLE_MEMBERS),
        }))
        .sort((a, b) => b.modules - a.modules || compare(a.members[0] ?? "", b.members[0] ?? ""))
        .slice(0, MAX_CYCLES),
    };
  }

  /** In the order of their names. */
  imports(): readonly (readonly [string, string])[] {
    const all = [...this.#pairs()].map(([from, to]) => [this.#nameOf(from), this.#nameOf(to)] as const);
    return all.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  }

  *#pairs(): Generator<readonly [number, number]> {
    for (let edge = 0; edge < this.#edges; edge++) yield [this.#ends[edge * 2] ?? 0, this.#ends[edge * 2 + 1] ?? 0];
  }

  #ranked(counts: Uint32Array): readonly { readonly name: string; readonly modules: number }[] {
    return topOf(this.#names.map((name, index) => ({ name, modules: counts[index] ?? 0 })));
  }

  #numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  #nameOf(number: number): string {
    return this.#names[number] ?? "";
  }
}

interface Ranked {
  readonly name: string;
  readonly modules: number;
}

export interface ModuleGraphSummary {
  readonly modules: number;
  readonly imports: number;
  readonly unresolved: number;
  readonly unresolvedExamples: readonly { readonly from: string; readonly specifier: string }[];
  readonly mostImported: readonly Ranked[];
  readonly mostImporting: readonly Ranked[];
  readonly packages: number;
  readonly mostUsedPackages: readonly Ranked[];
  readonly cycles: number;
  readonly largestCycles: readonly { readonly modules: number; readonly members: readonly string[] }[];
}

function topOf(all: readonly Ranked[]): readonly Ranked[] {
  return all
    .filter(({ modules }) => modules > 0)
    .sort((a, b) => b.modules - a.modules || compare(a.name, b.name))
    .slice(0, MAX_TOP);
}
