// What a tool returned becomes a fact: this is where it is proven to be JSON, copied, and measured.
//
// J1. The result shares nothing with the tool: it may keep and change its own objects afterwards.
// J2. Nothing is dropped or changed silently: what JSON cannot carry is named with its place.
// J3. Depth and bytes are bounded, so that recording never fails on what was accepted here.

import { MAX_JSON_DEPTH, type Json } from "#events/json.ts";

export const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
export const MAX_OUTPUT_DEPTH = MAX_JSON_DEPTH;

export type JsonOutput =
  | { readonly ok: true; readonly value: Json; readonly bytes: number }
  | { readonly ok: false; readonly reason: "not-json" | "too-large"; readonly message: string };

/** May throw what the value's own getters throw. */
export function toJsonOutput(value: unknown): JsonOutput {
  const flaw = isCarried(value, MAX_OUTPUT_DEPTH) ? undefined : findFlaw(value);
  if (flaw !== undefined) return { ok: false, reason: "not-json", message: flaw };
  const text = stringify(value);
  const bytes = text === undefined ? Infinity : Buffer.byteLength(text);
  if (text !== undefined && bytes <= MAX_OUTPUT_BYTES) return { ok: true, value: JSON.parse(text) as Json, bytes };
  const size = text === undefined ? "more than one string can hold" : `${bytes} bytes`;
  return { ok: false, reason: "too-large", message: `output is ${size}, the limit is ${MAX_OUTPUT_BYTES} bytes` };
}

/** `output.rows[3].id`: how a place inside an output is written in messages. */
export function placeOf(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`));
  return `output${steps.join("")}`;
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // The engine's limit of a string, about 512 MiB.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Whether there is no flaw in it, without a word about where: so it is with nearly every output. What contains itself ends by its depth. */
function isCarried(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return isScalar(value);
  if (levels <= 0 || !isPlain(value)) return false;
  // By index, so that a hole shows as undefined.
  if (!isList(value)) return Object.values(value).every((part) => isCarried(part, levels - 1));
  for (let index = 0; index < value.length; index++) if (!isCarried(value[index], levels - 1)) return false;
  return true;
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isPlain(value: object): boolean {
  return Array.isArray(value) || (isPlainData(value) && !hasToJson(value));
}

function isPlainData(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function findFlaw(root: unknown): string | undefined {
  const path: (string | number)[] = [];
  const ancestors = new Set<object>();
  const visit = (value: unknown): string | undefined => {
    if (typeof value !== "object" || value === null) return scalarFlaw(value, path);
    const flaw = containerFlaw(value, path, ancestors);
    if (flaw !== undefined) return flaw;
    ancestors.add(value);
    const inner = Array.isArray(value) ? insideList(value) : insideObject(Object.entries(value));
    ancestors.delete(value);
    return inner;
  };
  const visitPart = (step: string | number, part: unknown): string | undefined => {
    path.push(step);
    const flaw = visit(part);
    path.pop();
    return flaw;
  };
  // By index, so that a hole shows as undefined.
  const insideList = (list: readonly unknown[]): string | undefined => {
    for (let index = 0; index < list.length; index++) {
      const flaw = visitPart(index, list[index]);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  };
  const insideObject = (entries: readonly (readonly [string, unknown])[]): string | undefined => {
    for (const [name, part] of entries) {
      const flaw = visitPart(name, part);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  };
  return visit(root);
}

function scalarFlaw(value: unknown, path: readonly PropertyKey[]): string | undefined {
  if (isScalar(value)) return undefined;
  if (typeof value === "number") return `${placeOf(path)} is not a finite number`;
  if (typeof value === "undefined") return `${placeOf(path)} is undefined: return null or leave it out`;
  return `${placeOf(path)} is a ${typeof value}, which JSON cannot carry`;
}

function containerFlaw(
  value: object,
  path: readonly PropertyKey[],
  ancestors: ReadonlySet<object>,
): string | undefined {
  if (ancestors.has(value)) return `${placeOf(path)} contains itself`;
  if (path.length >= MAX_OUTPUT_DEPTH) return `output is nested deeper than ${MAX_OUTPUT_DEPTH} levels`;
  if (isPlain(value)) return undefined;
  return isPlainData(value) ? `${placeOf(path)} has a toJSON method` : `${placeOf(path)} is not plain data`;
}

function hasToJson(value: object): boolean {
  return "toJSON" in value && typeof value.toJSON === "function";
}
