// The last wall around secret values. A tool that was shown a secret may repeat it by accident (an error that quotes the
// request, an output that echoes it); every text that leaves the attempt goes through here first.
//
// R1. Only values this attempt has resolved are known, and only they are blotted out.
// R2. Values under MIN_REDACTED_CHARS are left alone: blotting out "1" would destroy unrelated data.
// R3. Exact matches only. An encoded copy (base64, URL) is beyond it: that is the tool's own duty.

import type { Json } from "#events/json.ts";
import type { ToolContext } from "./define.ts";

export const REDACTED = "[secret]";
export const MIN_REDACTED_CHARS = 6;

export interface GuardedContext {
  readonly context: ToolContext;
  /** With every secret value that is known by now replaced. */
  readonly text: (text: string) => string;
  /** The same in strings and keys of any depth. */
  readonly json: (value: Json) => Json;
}

export interface Blotter extends Pick<GuardedContext, "text" | "json"> {
  /** The same in fields of any kind. */
  readonly fields: (fields: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}

/** Replaces the values that are in the set by then (R2, R3). */
export function blotter(secrets: ReadonlySet<string>): Blotter {
  const known = (): ReadonlySet<string> => new Set([...secrets].filter(({ length }) => length >= MIN_REDACTED_CHARS));
  return {
    text: (original) => blotOutText(original, known()),
    json: (value) => {
      const values = known();
      return values.size === 0 ? value : (JSON.parse(JSON.stringify(blotOut(value, values))) as Json);
    },
    fields: (fields) => blotOutRecord(fields, known()),
  };
}

/** A context for one attempt that learns the secrets it hands out and blots them out of progress and log at once. */
export function guardSecrets(inner: ToolContext): GuardedContext {
  const values = new Set<string>();
  const { text, json, fields: blotted } = blotter(values);
  const context: ToolContext = {
    signal: inner.signal,
    idempotencyKey: inner.idempotencyKey,
    roots: inner.roots,
    clock: inner.clock,
    progress: ({ message, text: written, ...rest }) =>
      inner.progress({
        ...rest,
        ...(message === undefined ? {} : { message: text(message) }),
        ...(written === undefined ? {} : { text: { from: written.from, piece: text(written.piece) } }),
      }),
    log: (message, fields) => inner.log(text(message), fields === undefined ? undefined : blotted(fields)),
    secret: async (reference) => {
      const value = await inner.secret(reference);
      values.add(value);
      return value;
    },
    ...(inner.history === undefined ? {} : { history: inner.history }),
  };
  return { context, text, json };
}

/** The same in strings and keys of any depth. */
export function blotOut(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof value === "string") return blotOutText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => blotOut(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return blotOutRecord(value, secrets);
}

function blotOutRecord(record: object, secrets: ReadonlySet<string>): Record<string, unknown> {
  const entries = Object.entries(record).map(([key, child]): [string, unknown] => {
    return [blotOutText(key, secrets), blotOut(child, secrets)];
  });
  return Object.fromEntries(entries);
}

/** With every secret replaced. Those under MIN_REDACTED_CHARS are for the caller to leave out. */
export function blotOutText(text: string, secrets: ReadonlySet<string>): string {
  // Longest first: one secret may be a part of another.
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}
