import type { SecretPlace } from "#src/ports/secret-place.ts";
import { secretAt } from "#src/ports/system/secret-at.ts";
import type { MaybeSecret } from "#src/sources/settings.ts";
import { ToolFailure } from "#src/tools/define.ts";

/** What a program or a service is told, and which of it must never be seen. */
export interface ToldValues {
  readonly values: Readonly<Record<string, string>>;
  readonly secrets: ReadonlySet<string>;
}

/** Read anew each time, so that a secret that was changed is used from then on. Fails with `source-secret-missing`. */
export function toldValues(written: Readonly<Record<string, MaybeSecret>> = {}): ToldValues {
  const secrets = new Set<string>();
  const entries = Object.entries(written).map(([name, value]): [string, string] => {
    if (typeof value === "string") return [name, value];
    const secret = secretOf(value);
    secrets.add(secret);
    return [name, secret];
  });
  return { values: Object.fromEntries(entries), secrets };
}

/** Fails with `source-secret-missing`. */
export function secretOf(place: SecretPlace): string {
  const found = secretAt(place);
  if ("value" in found) return found.value;
  throw new ToolFailure("authentication", found.why, { code: "source-secret-missing", cause: found.cause });
}
