import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { Tool } from "#src/tools/define.ts";
import { SecretReference } from "#src/tools/secret.ts";
import type { CheckContext } from "./check-context.ts";
import type { Path } from "./finding.ts";
import type { InputDefinitions } from "./inputs-draft.ts";

// Where a tool takes a secret, a plan writes a reference: the value itself would be recorded with the arguments.
//
// S1. Accepted are `{ $secret: NAME }` and `${inputs.<name>}` of an input that is declared secret. Any other expression is
//     refused even if nothing is known about its value, because that is known only when it is recorded already.
// S2. Where the tool takes a text as well (a header, a variable of an environment), a text is accepted unless the name of its
//     place speaks of a secret.
// S3. What was written in the place of a reference is in no finding, its source line included.

/** Names of the arguments that hold secrets; those that do not hold them rightly are reported. */
export function checkSecrets(
  tool: Tool,
  { value, path }: { value: JsonObject; path: Path },
  context: CheckContext,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { path: pattern, orText } of tool.secretPaths) {
    for (const place of placesOf(value, pattern)) {
      if (orText && isPlainText(place)) continue;
      const isWhole = place.path.length === 1;
      if (isWhole || !isReference(place.value, context.inputs)) names.add(String(place.path[0]));
      if (isReference(place.value, context.inputs)) continue;
      const { report } = context;
      const message = `${tool.name} takes a secret here, which is given by reference, never by value`;
      report.hide([...path, ...place.path]);
      report.error([...path, ...place.path], { code: "secret-by-value", message, suggestion: "{ $secret: NAME }" });
    }
  }
  return names;
}

const SPEAKS_OF_SECRET = /auth|cookie|credential|key|passphrase|passw|secret|session|token/i;

function isPlainText({ path, value }: SecretPlace): boolean {
  return typeof value === "string" && !SPEAKS_OF_SECRET.test(String(path.at(-1)));
}

interface SecretPlace {
  readonly path: Path;
  readonly value: Json;
}

function placesOf(value: Json, pattern: readonly string[]): readonly SecretPlace[] {
  const [step, ...rest] = pattern;
  if (step === undefined) return [{ path: [], value }];
  return childrenOf(value, step).flatMap(([name, child]) =>
    placesOf(child, rest).map((place) => ({ ...place, path: [name, ...place.path] })),
  );
}

function childrenOf(value: Json, step: string): readonly (readonly [string | number, Json])[] {
  if (Array.isArray(value)) return step === "*" ? [...value.entries()] : [];
  if (!isJsonObject(value)) return [];
  return Object.entries(value).filter(([name]) => step === "*" || name === step);
}

const WHOLE_INPUT = /^\$\{\s*inputs\s*\.\s*([A-Za-z_]\w*)\s*\}$/;

function isReference(value: Json, inputs: InputDefinitions): boolean {
  if (typeof value !== "string") return SecretReference.safeParse(value).success;
  const [, name = ""] = WHOLE_INPUT.exec(value) ?? [];
  return Object.hasOwn(inputs, name) && inputs[name]?.schema.secret === true;
}
