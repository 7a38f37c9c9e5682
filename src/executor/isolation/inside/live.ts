import { isJsonObject, type JsonObject } from "#events/json.ts";
import { boundedText } from "#src/tools/bounded-text.ts";
import type { ToolContext } from "#src/tools/define.ts";
import { MAX_LIVE_BYTES } from "../messages.ts";

// Progress and log lines as they leave a cell: JSON, and bounded. The channel is lossy by design, so what is too much, or
// is no JSON, is left out.

type Update = Parameters<ToolContext["progress"]>[0];

const MAX_TEXT_BYTES = MAX_LIVE_BYTES / 4;

export function liveProgress({ percent, message, text }: Update): Update {
  return {
    ...(percent !== undefined && Number.isFinite(percent) ? { percent } : {}),
    ...(message === undefined ? {} : { message: boundedText(message, MAX_TEXT_BYTES) }),
    ...(text === undefined ? {} : { text: { from: text.from, piece: boundedText(text.piece, MAX_TEXT_BYTES) } }),
  };
}

/** A tool that is not type-checked may say anything. */
export function liveLog(message: unknown, fields: unknown): { message: string; fields?: JsonObject } {
  const kept = plain(fields);
  return { message: boundedText(String(message), MAX_TEXT_BYTES), ...(kept === undefined ? {} : { fields: kept }) };
}

function plain(fields: unknown): JsonObject | undefined {
  try {
    const text = JSON.stringify(fields);
    if (Buffer.byteLength(text) > MAX_LIVE_BYTES / 2) return undefined;
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
