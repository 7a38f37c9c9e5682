// json.read: a JSON file of the root, or the part of it that a JSON Pointer (RFC 6901) names. Only own properties are
// found: `/constructor` names nothing.

import { z } from "zod";
import { isJsonObject } from "#events/json.ts";
import { defineTool, ToolFailure } from "../define.ts";
import { readText } from "./file-content.ts";
import { pathArgument } from "./root.ts";

const MAX_POINTER_CHARS = 1000;

export const jsonRead = defineTool({
  name: "json.read",
  version: "1.0.0",
  description: "Reads a JSON file inside the root. The output is the value itself, or the part that `pointer` names.",
  input: z.strictObject({
    path: pathArgument,
    pointer: z
      .string()
      .max(MAX_POINTER_CHARS)
      .regex(/^(\/([^/~]|~[01])*)*$/, { error: "a JSON Pointer is empty or begins with /" })
      .default(""),
  }),
  output: z.unknown(),
  sideEffects: "read",
  async run({ path, pointer }, context) {
    const text = await readText(context, path);
    const found = follow(parse(path, text), pointer);
    if (found !== undefined) return found;
    throw new ToolFailure("not-found", `${path}: nothing at ${pointer}`, { code: "pointer-not-found" });
  },
});

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw new ToolFailure("validation", `${path}: is not JSON: ${reason}`, { code: "not-json" });
  }
}

function follow(root: unknown, pointer: string): unknown {
  const names = pointer.split("/").slice(1);
  return names.reduce((node, name) => child(node, name.replaceAll("~1", "/").replaceAll("~0", "~")), root);
}

function child(node: unknown, name: string): unknown {
  if (Array.isArray(node)) {
    const items: readonly unknown[] = node;
    return /^(0|[1-9]\d*)$/.test(name) ? items[Number(name)] : undefined;
  }
  return isJsonObject(node) && Object.hasOwn(node, name) ? node[name] : undefined;
}
