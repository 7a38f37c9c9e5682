import { canonicalJson } from "#events/canonical.ts";
import { ERROR_CATEGORIES, type ErrorCategory } from "#events/errors.ts";
import type { FallbackSource } from "./source-schema.ts";

/**
 * Numbers of the fallbacks that no failure leads to. A constant value ends the step, so nothing comes after it; any other one may fail as it
 * likes, and the first one behind it follows that is for such a failure.
 */
export function unreachableFallbacks(fallbacks: readonly FallbackSource[]): readonly number[] {
  const reached = new Set<number>();
  for (const [at, fallback] of fallbacks.entries()) {
    const left = new Set(categoriesOf(fallback));
    // Backwards over what may have failed last: nearer ones take their categories first. -1 is the step itself.
    for (let from = at - 1; from >= -1 && left.size > 0 && !reached.has(at); from -= 1) {
      const before = fallbacks[from];
      if (before === undefined || (reached.has(from) && !isConstant(before))) reached.add(at);
      else for (const category of categoriesOf(before)) left.delete(category);
    }
  }
  return [...fallbacks.keys()].filter((at) => !reached.has(at));
}

function categoriesOf({ on }: FallbackSource): readonly ErrorCategory[] {
  return on ?? ERROR_CATEGORIES;
}

function isConstant(fallback: FallbackSource): boolean {
  return "value" in fallback && !canonicalJson(fallback.value).includes("${");
}
