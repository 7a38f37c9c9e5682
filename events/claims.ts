// What an attempt holds beside its executor's slot: a place in a pool, a place under a concurrency key, an amount of a
// named resource. A dispatch cites its claims as tokens, so that a later owner counts what is held from the log alone.

export interface Claim {
  readonly kind: "pool" | "key" | "resource";
  readonly name: string;
  /** 1 for pools and keys. */
  readonly amount: number;
}

const TOKEN = /^(pool|key|resource):([0-9.e+-]+):(.*)$/s;

/** `resource:2:db`: kind, amount, name. */
export function tokenOf({ kind, name, amount }: Claim): string {
  return `${kind}:${amount}:${name}`;
}

/** Undefined for a token of another kind, which a later version may know. */
export function claimOf(token: string): Claim | undefined {
  const [, kind, amount, name] = TOKEN.exec(token) ?? [];
  if (kind !== "pool" && kind !== "key" && kind !== "resource") return undefined;
  const parsed = Number(amount);
  return name === undefined || !(parsed > 0) ? undefined : { kind, name, amount: parsed };
}
