import { z } from "zod";
import type { Json } from "#events/json.ts";
import { partitionOf, PARTITIONS } from "#events/streams.ts";

// What the leases say of limits. Each limit (`pool:gpu`, `key:customer-7`, `resource:db`) is in one of 256 books, by the
// hash of its name (`limits.ff`): what is granted of it to the plans of each partition, and who waits for more. Which partitions
// have been counted since these leases began is in `counted`.

export const LIMITS = "limits.";
export const COUNTED = "counted";

/** Amount of a limit for the plans of a partition, under an ownership of it. */
export interface Share {
  readonly partition: number;
  readonly epoch: number;
  readonly amount: number;
}

export interface Waiting extends Share {
  /** What one step may need at once: less is of no use. */
  readonly unit: number;
}

export interface Granted {
  readonly held: readonly Share[];
  /** In the order in which they are served. */
  readonly waits: readonly Waiting[];
}

/** By limit. */
export type LimitBook = ReadonlyMap<string, Granted>;

export const NOTHING_GRANTED: Granted = { held: [], waits: [] };

const share = z.object({
  partition: z
    .int()
    .min(0)
    .max(PARTITIONS - 1),
  epoch: z.int().min(0),
  amount: z.number().positive(),
});
const waiting = share.extend({ unit: z.number().positive() });
const book = z.record(z.string(), z.object({ held: z.array(share), waits: z.array(waiting) }));
const bits = z.object({ partitions: z.string().regex(/^[01]*$/) });

export function bookKey(limit: string): string {
  return `${LIMITS}${partitionOf(limit).toString(16).padStart(2, "0")}`;
}

/** An empty one where there is none; undefined for what cannot be read. */
export function bookIn(value: Json | undefined): LimitBook | undefined {
  if (value === undefined) return new Map();
  const read = book.safeParse(value);
  return read.success ? new Map(Object.entries(read.data)) : undefined;
}

export function bookAsJson(limits: LimitBook): Json {
  const copied = [...limits].map(([limit, { held, waits }]) => {
    const said: Json = { held: held.map((one) => ({ ...one })), waits: waits.map((one) => ({ ...one })) };
    return [limit, said] as const;
  });
  return Object.fromEntries(copied);
}

/** Partitions that were counted; none where nothing is said that can be read. */
export function countedIn(value: Json | undefined): ReadonlySet<number> {
  const read = bits.safeParse(value);
  const text = read.success ? read.data.partitions : "";
  return new Set(ALL.filter((partition) => text.charAt(partition) === "1"));
}

export function countedAsJson(counted: ReadonlySet<number>): Json {
  return { partitions: ALL.map((partition) => (counted.has(partition) ? "1" : "0")).join("") };
}

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);
