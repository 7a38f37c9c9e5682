import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { isJsonObject, jsonObject, type JsonObject } from "#events/json.ts";
import { referredPart } from "#machines/expressions/referred-part.ts";
import { httpExchange } from "#src/tools/builtin/http-exchange.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";

// An OpenAPI document (3.0 or 3.1, YAML or JSON), from a file or an address, with its references followed.
//
// D1. References lead into the document itself: no other file and no other address is read.
// D2. It is bounded: MAX_DOCUMENT_BYTES, and MAX_HOPS references in a row. Aliases of YAML are, by its reader.

const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
const MAX_HOPS = 20;

export class ApiDocument {
  readonly root: JsonObject;

  constructor(root: JsonObject) {
    this.root = root;
  }

  /** What stands there, or what that refers to. An empty object where it leads nowhere. */
  resolved(part: unknown): JsonObject {
    let found: unknown = part;
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      if (!isJsonObject(found)) return {};
      if (typeof found["$ref"] !== "string") return jsonObject.parse(found);
      found = referredPart(this.root, found["$ref"]);
    }
    return {};
  }
}

/** Rejects with a ToolFailure, `document-unusable` or what the exchange says. */
export async function loadDocument(place: string, context: ToolContext): Promise<ApiDocument> {
  const text = await (/^https?:/.test(place) ? fetched(place, context) : read(place));
  const root = parsed(text, place);
  const version = root["openapi"];
  if (typeof version !== "string" || !/^3\.[01](\.|$)/.test(version)) throw unusable(place, "is no OpenAPI 3.0 or 3.1");
  return new ApiDocument(root);
}

async function fetched(url: string, context: ToolContext): Promise<string> {
  const answer = await httpExchange({ url, headers: {}, maxBytes: MAX_DOCUMENT_BYTES }, context);
  return answer.body.toString();
}

async function read(place: string): Promise<string> {
  const file = place.startsWith("file:") ? fileURLToPath(place) : place;
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw unusable(place, "cannot be read", cause);
  });
  if (bytes.length > MAX_DOCUMENT_BYTES) throw unusable(place, `has more than ${MAX_DOCUMENT_BYTES} bytes`);
  return bytes.toString();
}

function parsed(text: string, place: string): JsonObject {
  try {
    const value: unknown = parse(text);
    return jsonObject.parse(value);
  } catch (cause) {
    throw unusable(place, "is no YAML or JSON mapping", cause);
  }
}

function unusable(place: string, why: string, cause?: unknown): ToolFailure {
  return new ToolFailure("validation", `${place} ${why}`, { code: "document-unusable", cause });
}
