import { readFile } from "node:fs/promises";
import process from "node:process";
import { Fault } from "#events/fault.ts";
import type { KeyPlace } from "#src/model/settings.ts";
import type { Secrets } from "#src/ports/secrets.ts";

// The key of a model, read again for every exchange, so that one that was changed counts from the next one on. No message has
// any part of it; the place where it is kept may be named.

const MAX_KEY_CHARS = 16_384;

/** What can stand in a header: anything else would be told back in an error of whoever sends it. */
const IN_A_HEADER = /^[\x21-\x7e]+$/;

/** Faults: `model-key-missing`, and those of secrets. */
export async function keyAt(place: KeyPlace, secrets: Secrets, signal: AbortSignal): Promise<string> {
  const key = (await read(place, secrets, signal)).trim();
  if (key === "") throw missing(place, "is empty");
  if (key.length <= MAX_KEY_CHARS && IN_A_HEADER.test(key)) return key;
  throw missing(place, "holds no key: it is too long, or has characters that no key has");
}

async function read(place: KeyPlace, secrets: Secrets, signal: AbortSignal): Promise<string> {
  if ("$secret" in place) return secrets.resolve(place, signal);
  if ("env" in place) return process.env[place.env] ?? "";
  try {
    return await readFile(place.file, { encoding: "utf8", signal });
  } catch {
    signal.throwIfAborted();
    throw missing(place, "cannot be read");
  }
}

function missing(place: KeyPlace, why: string): Fault<"model-key-missing"> {
  return new Fault("model-key-missing", `the key of the model: ${textOf(place)} ${why}`);
}

function textOf(place: KeyPlace): string {
  if ("$secret" in place) return `the secret ${place.$secret}`;
  return "env" in place ? `the variable ${place.env}` : `the file ${place.file}`;
}
