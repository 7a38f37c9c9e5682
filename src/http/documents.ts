import type { IncomingMessage } from "node:http";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import type { AnyOperation, MediaType } from "#src/api/operations/operation.ts";

// Answers that may be documents instead of JSON: by the member `format` of the input, or by the header `Accept`. JSON where neither says
// anything else, or both are liked as much.

/** The format that the client likes best; nothing where that is JSON. */
export function acceptedFormat({ headers }: IncomingMessage, { documents }: AnyOperation): JsonObject {
  if (documents === undefined || headers.accept === undefined) return {};
  const liked = likings(headers.accept);
  const liking = (type: string): number => liked.get(type.replace(/;.*$/u, "")) ?? 0;
  const json = Math.max(liking("application/json"), liked.get("*/*") ?? 0);
  const best = Object.entries(documents)
    .map(([format, { type }]) => ({ format, quality: liking(type) }))
    .toSorted((a, b) => b.quality - a.quality)[0];
  return best !== undefined && best.quality > json ? { format: best.format } : {};
}

/** Of an input that asks for one; a client that names JSON finds the document in that. */
export function documentOf(
  { headers }: IncomingMessage,
  { documents }: AnyOperation,
  input: unknown,
): MediaType | undefined {
  if (documents === undefined || headers.accept === "application/json") return undefined;
  const format = isJsonObject(input) ? input["format"] : undefined;
  return typeof format === "string" ? documents[format] : undefined;
}

const MAX_ACCEPT_CHARS = 2_000;

/** Media types with their quality, from 0 to 1 (RFC 9110, 12.5.1); ranges of types are not looked at. */
function likings(accept: string): ReadonlyMap<string, number> {
  const entries = accept.slice(0, MAX_ACCEPT_CHARS).split(",");
  return new Map(
    entries.map((entry) => {
      const [type = "", ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      const value = Number(quality ?? 1);
      return [type, value >= 0 && value <= 1 ? value : 0];
    }),
  );
}
