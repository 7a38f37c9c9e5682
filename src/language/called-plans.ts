import semver from "semver";
import type { PlanDefinition } from "#events/definition.ts";
import { isJsonObject } from "#events/json.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { CallablePlan, Calls } from "./check-context.ts";
import type { Finding, Remark } from "./finding.ts";
import type { PlanSource } from "./parse.ts";
import { newestOf, rangeProblem, readReference } from "./version-range.ts";

// The plans that a plan calls, found by name and version range, each checked once, and put into the calling definition as
// they are now: a plan that runs does not change when the file of a called one does.
//
// C1. A plan that calls itself, directly or through others, is refused where the circle closes.

/** Finds plans by the name that they give themselves. */
export interface PlanLibrary {
  /** All versions there are, in any order. */
  find(name: string): readonly PlanSource[];
  /** For suggestions. */
  names(): readonly string[];
}

export const NO_PLANS: PlanLibrary = { find: () => [], names: () => [] };

/** Of sources that are at hand; they win over what is found elsewhere under the same name. */
export function planLibrary(sources: readonly PlanSource[], others: PlanLibrary = NO_PLANS): PlanLibrary {
  const named = sources.map((source) => ({ source, name: nameOf(source) }));
  return {
    find: (name) => {
      const own = named.filter((one) => one.name === name).map(({ source }) => source);
      return own.length > 0 ? own : others.find(name);
    },
    names: () => [...named.map(({ name }) => name), ...others.names()],
  };
}

/** As the plan calls itself; empty where it does not. */
export function nameOf({ root }: PlanSource): string {
  const name = isJsonObject(root.value) ? root.value.plan : undefined;
  return typeof name === "string" ? name : "";
}

/** `definition` is missing where something is wrong. */
export interface CheckedOne {
  readonly findings: readonly Finding[];
  readonly definition?: PlanDefinition;
  readonly outputs?: JsonSchema;
}

type Check = (source: PlanSource, calls: Calls) => CheckedOne;

const DEFAULT_VERSION = "0.0.0";

export class CalledPlans {
  readonly #library: PlanLibrary;
  readonly #check: Check;
  readonly #known = new Map<string, CallablePlan | Remark>();
  readonly findings: Finding[] = [];

  constructor(library: PlanLibrary, check: Check) {
    this.#library = library;
    this.#check = check;
  }

  get size(): number {
    return this.#known.size;
  }

  /** What a plan of this name may call; `path` has the plans that called it, outermost first. */
  within(name: string, path: readonly string[] = []): Calls {
    return { find: (reference) => this.#find(reference, [...path, name]) };
  }

  /** Every plan that is called, by `name@version`. */
  definitions(): NonNullable<PlanDefinition["calls"]> {
    const found = [...this.#known.values()].flatMap((plan) => ("definition" in plan ? [plan] : []));
    return Object.fromEntries(found.map(({ key, definition }) => [key, definition]));
  }

  #find(reference: string, path: readonly string[]): CallablePlan | Remark {
    const { name, range } = readReference(reference);
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name].join(" -> ");
      return { code: "recursive-call", message: `a plan cannot call itself: ${circle}` };
    }
    const problem = rangeProblem(range);
    if (problem !== undefined) return problem;
    const source = this.#newest(name, range);
    if ("code" in source) return source;
    const key = `${name}@${versionOf(source)}`;
    const known = this.#known.get(key) ?? this.#checked(key, source, this.within(name, path));
    this.#known.set(key, known);
    return known;
  }

  #newest(name: string, range: string): PlanSource | Remark {
    const sources = this.#library.find(name);
    const source = newestOf(sources, versionOf, range);
    if (source !== undefined) return source;
    if (sources.length > 0) {
      const message = `no version of ${name} is in ${range}; there is ${sources.map(versionOf).join(", ")}`;
      return { code: "no-such-version", message };
    }
    const suggestion = nearestName(name, this.#library.names());
    const message = `there is no plan ${JSON.stringify(name)} beside this file, nor where the configuration says`;
    return { code: "unknown-plan", message, suggestion };
  }

  #checked(key: string, source: PlanSource, calls: Calls): CallablePlan | Remark {
    const { findings, definition, outputs } = this.#check(source, calls);
    this.findings.push(...findings.filter(({ severity }) => severity === "error"));
    if (definition !== undefined) return { key, definition, outputs: outputs ?? {} };
    return { code: "called-plan-wrong", message: `the plan ${key} has mistakes of its own (${source.file})` };
  }
}

/** As it says itself; a plan that says none, or nothing that is one, has the version that comes before all others. */
export function versionOf({ root }: PlanSource): string {
  const version = isJsonObject(root.value) ? root.value.version : undefined;
  return typeof version === "string" && semver.valid(version) !== null ? version : DEFAULT_VERSION;
}
