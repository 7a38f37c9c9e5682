import { z } from "zod";

/** What JSON can carry; the only kind of value that facts, commands and templates hold. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Accepts any JSON value without walking it: what reaches a decoder was made by `JSON.parse`. */
export const json = z.custom<Json>((value) => value !== undefined);
export const jsonObject = z.custom<JsonObject>(isJsonObject);

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Array.isArray` makes any[] of a readonly list. */
export function isJsonList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}
