import { z } from "zod";
import { errorOf } from "#events/errors.ts";
import { executorId } from "#events/ids.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import type { ExecutorOutcome, Report } from "#src/ports/bus.ts";
import { attemptKey } from "#src/bus/wire.ts";

// A report of which no more can be read than whose it is: written by a worker of another make, by hand, or damaged. Its step would
// wait for its timeout, although its executor has said what it has to say. It fails by name instead.
//
// U1. Only the one attempt is concerned that the report names, and only where its executor is who sent it: the caller compares the
//     sender, the law the dispatch.
// U2. What calls itself a failure has failed. Anything else may have had its effect: it counts as a silence, so that a call that
//     must not be repeated is not.
// U3. JSON that is none (NaN, a line that was cut off) is searched for the report's own members by their form. Inside of a text the
//     quotes of such members are escaped, so no text passes for one.

const KEY = /"key"\s*:\s*(\{[^{}]*\})/g;
const EXECUTOR = /"executor"\s*:\s*"([^"\\]*)"/;
const KIND = /"outcome"\s*:\s*\{\s*"kind"\s*:\s*"([a-z-]+)"/;

const outcomeKind = z.enum(["succeeded", "failed", "timed-out", "cancelled"]);

/** The failure that a message of the bus stands for, with or without its envelope; undefined where it names no attempt. */
export function unreadableReport(bytes: Uint8Array, why: string): Report | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  const { executor, key, kind } = membersOf(text);
  const sender = executorId.safeParse(executor);
  const named = attemptKey.safeParse(key);
  if (!sender.success || !named.success) return undefined;
  const said = outcomeKind.safeParse(kind);
  return {
    kind: "report",
    executor: sender.data,
    key: named.data,
    outcome: outcomeOf(why, said.data),
    durationMs: 0,
    ...(said.success ? { saidKind: said.data } : {}),
  };
}

function outcomeOf(why: string, said: ExecutorOutcome["kind"] | undefined): ExecutorOutcome {
  const error = errorOf("bug", "report-malformed", `the executor's report of the attempt cannot be read: ${why}`);
  return { kind: "failed", error, ...(said === "failed" ? {} : { isSilent: true }) };
}

interface Members {
  readonly executor: unknown;
  readonly key: unknown;
  /** Of its outcome. */
  readonly kind: unknown;
}

const NONE: Members = { executor: undefined, key: undefined, kind: undefined };

function membersOf(text: string): Members {
  const whole = parsed(text);
  if (whole === undefined) return membersIn(text);
  const message = isJsonObject(whole["data"]) ? whole["data"] : whole;
  const { kind, executor, key, outcome } = message;
  if (kind !== "report") return NONE;
  return { executor, key, kind: isJsonObject(outcome) ? outcome["kind"] : undefined };
}

function membersIn(text: string): Members {
  const keys = [...text.matchAll(KEY)].map(([, found = ""]) => parsed(found));
  const key = keys.find((found) => attemptKey.safeParse(found).success);
  return { executor: EXECUTOR.exec(text)?.[1], key, kind: KIND.exec(text)?.[1] };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
