import type { Json, JsonObject } from "#events/json.ts";
import { escaped } from "./expression.ts";
import { isTemplate, WRITTEN } from "./template.ts";
import type { Origin } from "./template.ts";
import { STEP } from "./words.ts";
import type { Plan } from "./words.ts";

// A place where steps stand, a plan or the inside of a step: its steps so far, the names that are known there, and what
// is written there made plain data.
//
// B1. What is read must be known where it is written: in this block or around it, and not hidden by a variable of the same
//     name in between.
// B2. A string is text: `${` in it is written as text, and only templates are templates.

export class Block {
  readonly steps: Record<string, JsonObject> = {};
  /** Plans that steps call, here and in the blocks inside and around. */
  readonly called: Set<Plan>;
  readonly #around: Block | undefined;
  readonly #variables: ReadonlySet<string>;

  constructor(around?: Block, variables: readonly string[] = []) {
    this.#around = around;
    this.called = around?.called ?? new Set();
    this.#variables = new Set(variables);
  }

  inside(variables: readonly string[]): Block {
    return new Block(this, variables);
  }

  origin(name: string): Origin {
    return { block: this, name };
  }

  /** What an item is called here: as wanted, else `item` with a number where an item around is called so. */
  freeName(wanted: string | undefined): string {
    if (wanted !== undefined && !this.#has(wanted)) return wanted;
    if (wanted !== undefined) throw new TypeError(`an item around this one is called ${wanted} as well`);
    for (let number = 1; ; number++) {
      const name = number === 1 ? "item" : `item${number}`;
      if (!this.#has(name)) return name;
    }
  }

  #has(variable: string): boolean {
    return this.#outwards().some((block) => block.#variables.has(variable));
  }

  /** This block and those around it. */
  #outwards(): readonly Block[] {
    return this.#around === undefined ? [this] : [this, ...this.#around.#outwards()];
  }

  /** Throws a TypeError where the id is taken. */
  add(id: string, step: JsonObject): void {
    if (this.#outwards().some(({ steps }) => Object.hasOwn(steps, id))) {
      throw new TypeError(`two steps are called ${id}`);
    }
    this.steps[id] = step;
  }

  /** Throws a TypeError for what no plan can hold, and for a name that means nothing here. */
  written(value: unknown): Json {
    if (isTemplate(value)) return this.#checked(value[WRITTEN]);
    if (typeof value === "string") return escaped(value);
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (Array.isArray(value)) return value.map((item) => this.written(item));
    if (isPlain(value)) return this.mapping(value);
    throw new TypeError(`a plan holds JSON, references to outputs and inputs, and templates; not ${describe(value)}`);
  }

  /** What is undefined in it is left out. */
  mapping(value: object): JsonObject {
    const given = Object.entries(value).filter(([, part]) => part !== undefined);
    return Object.fromEntries(given.map(([name, part]) => [name, this.written(part)]));
  }

  #checked({ text, reads }: { readonly text: string; readonly reads: readonly Origin[] }): string {
    for (const { block, name } of reads) {
      const fault = this.#faultOf(block, name);
      if (fault !== undefined) throw new TypeError(`${text}: ${fault}`);
    }
    return text;
  }

  #faultOf(owner: object, name: string): string | undefined {
    for (const block of this.#outwards()) {
      if (block === owner) return undefined;
      if (block.#variables.has(name)) return `${name} means that of an inner block here; give the outer one a step`;
    }
    return `${name} belongs to a block that this does not stand in`;
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || STEP in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return STEP in value && "id" in value ? `the step ${String(value.id)} itself: write its output` : "this object";
}
