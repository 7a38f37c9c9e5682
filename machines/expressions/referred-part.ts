import { isJsonObject } from "#events/json.ts";

/** What `$ref` names inside its own document: a JSON pointer (RFC 6901) in a fragment. Undefined where it leads nowhere or out. */
export function referredPart(root: Readonly<Record<string, unknown>>, reference: string): unknown {
  if (!reference.startsWith("#")) return undefined;
  const [, ...steps] = reference.split("/");
  return steps.reduce<unknown>((part, escaped) => {
    const name = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    return isJsonObject(part) && Object.hasOwn(part, name) ? part[name] : undefined;
  }, root);
}
