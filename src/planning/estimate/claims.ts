import type { ToolStep } from "#events/definition.ts";
import type { Amount, Resource } from "#src/planning/estimate/task-graph.ts";
import type { Circumstances } from "#src/planning/estimate/step-models.ts";

// What an attempt holds while it runs: a slot, a place in its pool, one of its key, amounts of resources.
// The same that the coordinator asks for before a dispatch; the numbers of the table are those of one unrolled plan.

export class ResourceTable {
  readonly #list: Resource[] = [];
  readonly #numbers = new Map<string, number>();

  get list(): readonly Resource[] {
    return this.#list;
  }

  /** Its number; the first who asks for a name says how much there is. */
  number(name: string, resource: Omit<Resource, "name">): number {
    const known = this.#numbers.get(name) ?? this.#list.push({ name, ...resource }) - 1;
    this.#numbers.set(name, known);
    return known;
  }

  /** Lets so many items of one list through at once. */
  gate(label: string, lanes: number): Amount {
    const name = `each ${label} ${this.#list.length}`;
    return { resource: this.number(name, { capacity: lanes, isOwn: true }), amount: 1 };
  }
}

export function claimsOf(
  { pool, key, uses = {} }: ToolStep,
  { limits, slots }: Circumstances,
  table: ResourceTable,
): readonly Amount[] {
  const claim = (name: string, capacity = Infinity, amount = 1): readonly Amount[] => {
    if (capacity === Infinity) return [];
    // Who wants more than there is would wait for ever; here it waits for all there is.
    return [{ resource: table.number(name, { capacity, isOwn: false }), amount: Math.min(amount, capacity) }];
  };
  return [
    ...claim("slots", slots),
    ...(pool === undefined ? [] : claim(`pool ${pool}`, limits.pool(pool))),
    // What a key with an expression in it becomes only a run can tell.
    ...(key === undefined || key.includes("${") ? [] : claim(`key ${key}`, limits.key(key))),
    ...Object.entries(uses).flatMap(([name, amount]) => claim(`resource ${name}`, limits.resource(name), amount)),
  ];
}
