import { claimOf, type Claim } from "#events/claims.ts";
import type { Limits } from "#src/ports/limits.ts";

// Limits by one name each, as all who use them call them.

/** `pool:gpu`: what all who use it call it. */
export function limitName({ kind, name }: Claim): string {
  return `${kind}:${name}`;
}

/** How much there is of what `limitName` names. */
export function capacityOf(limit: string, limits: Limits): number {
  const claim = claimOfLimit(limit);
  return claim === undefined ? 0 : limitOf(claim, limits);
}

/** One unit of it. */
export function claimOfLimit(limit: string): Claim | undefined {
  const colon = limit.indexOf(":");
  return claimOf(`${limit.slice(0, colon)}:1${limit.slice(colon)}`);
}

export function limitOf({ kind, name }: Claim, limits: Limits): number {
  if (kind === "key") return limits.key(name);
  // What the configuration no longer knows has no place: `planwright why` names it.
  return (kind === "pool" ? limits.pool(name) : limits.resource(name)) ?? 0;
}

/** Keys last: they are computed, so what is written in the step is asked for first. */
const ORDER: readonly Claim["kind"][] = ["pool", "resource", "key"];

/** The order in which things are reserved. */
export function inOrder(a: Claim, b: Claim): number {
  return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.name < b.name ? -1 : 1);
}
