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

/** A place of a JSON Schema that is marked secret. */
export interface SecretPath {
  /** Names of properties; `*` stands for every item of a list or every property of a map. */
  readonly path: readonly string[];
  /** A plain text is another choice there, as for headers and variables of an environment. */
  readonly orText: boolean;
}

/** Where a JSON Schema marks secrets. A recursive schema is followed once around. */
export function secretPaths(schema: unknown): readonly SecretPath[] {
  const found = new Map<string, SecretPath>();
  const visit = (node: unknown, at: SecretPath, refs: readonly string[]): void => {
    if (!isObject(node)) return;
    if (node["secret"] === true) found.set(JSON.stringify(at.path), at);
    const ref = node["$ref"];
    if (typeof ref === "string" && !refs.includes(ref)) visit(resolveRef(schema, ref), at, [...refs, ref]);
    for (const [child, step] of children(node)) {
      if (step === undefined) visit(child, { ...at, orText: at.orText || takesText(node) }, refs);
      else visit(child, { path: [...at.path, step], orText: false }, refs);
    }
  };
  visit(schema, { path: [], orText: false }, []);
  return [...found.values()];
}

function takesText(node: Record<string, unknown>): boolean {
  const choices = [...listOf(node["anyOf"]), ...listOf(node["oneOf"])];
  return choices.some((choice) => isObject(choice) && choice["type"] === "string");
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
