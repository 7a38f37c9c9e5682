import type { Limits } from "#src/ports/limits.ts";

// What the plans of the simulation share, and how much of it there is.

export const CLAIM_LIMITS: Readonly<Record<string, number>> = {
  "pool:narrow": 1,
  "pool:wide": 2,
  "resource:units": 3,
  "key:host-a": 1,
  "key:host-b": 2,
};

export const LIMITS: Limits = {
  pool: (name) => CLAIM_LIMITS[`pool:${name}`],
  key: (name) => CLAIM_LIMITS[`key:${name}`] ?? 1,
  resource: (name) => CLAIM_LIMITS[`resource:${name}`],
};
