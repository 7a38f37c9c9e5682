import type { SourceRules } from "#src/sources/settings.ts";

// What a tool of a source does outside. What the source says may make it stricter, and more permissive only where somebody trusts it.

type SideEffects = "read" | "write" | "irreversible";

export interface Effects {
  readonly sideEffects: SideEffects;
  readonly idempotent: boolean;
}

/** What the source says of a tool, if anything. */
export interface EffectHints {
  readonly readOnly: boolean | undefined;
  readonly destructive: boolean | undefined;
  readonly idempotent: boolean | undefined;
}

/** `name` is the source's. */
export function effectsOf(name: string, hints: EffectHints, { sideEffects = {}, trust = false }: SourceRules): Effects {
  const said = Object.hasOwn(sideEffects, name) ? sideEffects[name] : undefined;
  const effects = said ?? hinted(hints, trust);
  const isRepeatable = trust && hints.idempotent === true;
  return { sideEffects: effects, idempotent: effects === "read" || isRepeatable };
}

function hinted({ readOnly, destructive }: EffectHints, trust: boolean): SideEffects {
  if (readOnly === true) return trust ? "read" : "write";
  return destructive === true ? "irreversible" : "write";
}
