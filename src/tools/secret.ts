// How a tool's input schema says "this is a secret".
//
// S1. A marked field accepts a reference `{ "$secret": "NAME" }` and nothing else, so a value written into a plan by
//     mistake is refused before it can become a fact, and the refusal does not repeat it.
// S2. The mark is the keyword `secret: true` of the JSON Schema: every door that only knows the schema sees it too.

import { z } from "zod";
import { MAX_SECRET_NAME_CHARS, SECRET_NAME, type SecretReference as Reference } from "#src/ports/secrets.ts";

/** The stored form of a secret argument. */
export const SecretReference = z
  .strictObject(
    {
      $secret: z.string().max(MAX_SECRET_NAME_CHARS).regex(SECRET_NAME),
    },
    { error: 'a secret is given by reference: { "$secret": "NAME" }' },
  )
  .meta({ secret: true });

export type SecretReference = Reference;

/** A field of an input schema whose value only `context.secret(reference)` reveals. */
export function secret(description?: string): typeof SecretReference {
  return description === undefined ? SecretReference : SecretReference.meta({ secret: true, description });
}

/**
 * Where a JSON Schema marks secrets. A path is a list of property names; `*` stands for every item of a list or every
 * property of a map. A recursive schema is followed once around.
 */
export function secretPaths(schema: unknown): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  const visit = (node: unknown, path: readonly string[], refs: readonly string[]): void => {
    if (!isObject(node)) return;
    if (node["secret"] === true) found.set(JSON.stringify(path), path);
    const ref = node["$ref"];
    if (typeof ref === "string" && !refs.includes(ref)) visit(resolveRef(schema, ref), path, [...refs, ref]);
    for (const [child, step] of children(node)) visit(child, step === undefined ? path : [...path, step], refs);
  };
  visit(schema, [], []);
  return [...found.values()];
}

function children(node: Record<string, unknown>): [unknown, string | undefined][] {
  const properties = isObject(node["properties"]) ? Object.entries(node["properties"]) : [];
  const alternatives = ["anyOf", "oneOf", "allOf"].flatMap((word) => listOf(node[word]));
  const items = [...listOf(node["prefixItems"]), node["items"], node["additionalProperties"]];
  return [
    ...properties.map(([name, child]): [unknown, string] => [child, name]),
    ...items.map((child): [unknown, string] => [child, "*"]),
    ...alternatives.map((child): [unknown, undefined] => [child, undefined]),
  ];
}

function resolveRef(root: unknown, ref: string): unknown {
  if (!ref.startsWith("#")) return undefined;
  const names = ref.slice(1).split("/").filter(Boolean);
  return names.reduce<unknown>((node, name) => (isObject(node) ? node[name] : undefined), root);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
