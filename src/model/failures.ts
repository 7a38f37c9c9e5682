import type { ErrorCategory } from "#events/errors.ts";
import { isJsonObject } from "#events/json.ts";
import type { ModelFailure } from "#src/ports/model.ts";
import { boundedText } from "#src/tools/bounded-text.ts";
import { parseRetryAfter } from "#src/tools/builtin/retry-after.ts";
import { categorize } from "#src/tools/categorize.ts";
import { ToolFailure } from "#src/tools/define.ts";
import { categoryOfStatus } from "#src/tools/http-status.ts";

// What went wrong between here and a model, from whatever the provider's package threw or streamed, as one of few failures.
// Only what the other side says about it is passed on, bounded: errors of the packages carry the whole request.
//
// F1. Where the package knows a status, it counts; else what the other side calls it; else what lies under the error.

const MAX_MESSAGE_BYTES = 1_024;
/** Of a body that is looked at. */
const MAX_BODY_CHARS = 64 * 1_024;
const MAX_CAUSES = 5;

const FIRST_BAD_STATUS = 400;

export function failed(category: ErrorCategory, code: string, message: string): ModelFailure {
  return { category, code, message: boundedText(message, MAX_MESSAGE_BYTES) };
}

/** `nowMs` is wall time, for a Retry-After that names a date. */
export function failureOf(error: unknown, nowMs: number): ModelFailure {
  const own = ownFailure(error);
  if (own !== undefined) return failed(own.category, own.code, own.message);
  const said = saidBy(error);
  const { category, code } = kindOf(said) ?? kindUnder(error) ?? UNAVAILABLE;
  const retryAfterMs = retryAfterOf(said, nowMs);
  // What follows is the packages' own talk about a value that they did not expect.
  const [message = ""] = said.text.split("\n");
  const about = said.status === undefined ? "" : ` (HTTP ${said.status})`;
  return {
    ...failed(category, code, `${TEXTS[code] ?? "the model failed"}${about}${message === "" ? "" : `: ${message}`}`),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Whether the other side has refused the request itself, and has not begun to answer it. */
export function isRefusal(error: unknown): boolean {
  const status: unknown = propertiesOf(error)["statusCode"];
  return typeof status === "number" && status >= FIRST_BAD_STATUS;
}

/** A failure of ours comes back inside errors of the packages. */
function ownFailure(error: unknown): ToolFailure | undefined {
  let at: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES && at instanceof Error; depth++) {
    if (at instanceof ToolFailure) return at;
    at = at.cause;
  }
  return undefined;
}

interface Said {
  readonly status: number | undefined;
  /** Names that providers give to what went wrong: `insufficient_quota`, `overloaded_error`. */
  readonly names: readonly string[];
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function saidBy(error: unknown): Said {
  const { statusCode, responseHeaders, responseBody, data, message, ...rest } = propertiesOf(error);
  const body = typeof responseBody === "string" ? responseBody.slice(0, MAX_BODY_CHARS) : "";
  const inner = isJsonObject(data) && isJsonObject(data.error) ? data.error : {};
  const names = [inner.type, inner.code, inner.status, rest["type"], rest["code"]];
  const texts = [inner.message, message, error].filter((text) => typeof text === "string");
  return {
    // A stream that breaks has begun well.
    status: typeof statusCode === "number" && statusCode >= FIRST_BAD_STATUS ? statusCode : undefined,
    names: names.filter((name) => typeof name === "string"),
    text: texts[0] ?? "",
    headers: isJsonObject(responseHeaders) ? responseHeaders : {},
    body,
  };
}

function propertiesOf(error: unknown): Record<string, unknown> {
  if (typeof error !== "object" || error === null) return {};
  const names = ["statusCode", "responseHeaders", "responseBody", "data", "message", "type", "code", "errorType"];
  return Object.fromEntries(names.map((name) => [name, Reflect.get(error, name)]));
}

interface Kind {
  readonly category: ErrorCategory;
  readonly code: string;
}

const UNAVAILABLE: Kind = { category: "unavailable", code: "model-unavailable" };

const KINDS: Readonly<Record<string, Kind>> = {
  limited: { category: "rate-limited", code: "model-rate-limited" },
  quota: { category: "quota", code: "model-quota-spent" },
  key: { category: "authentication", code: "model-key-refused" },
  permission: { category: "permission", code: "model-forbidden" },
  unknown: { category: "not-found", code: "model-unknown" },
  busy: UNAVAILABLE,
  timeout: { category: "timeout", code: "model-timed-out" },
  request: { category: "validation", code: "model-request-refused" },
  large: { category: "resource-exhausted", code: "model-prompt-too-large" },
  stream: { category: "unavailable", code: "model-answer-interrupted" },
};

const TEXTS: Readonly<Record<string, string>> = {
  "model-rate-limited": "the model's server wants to be left alone for a while",
  "model-quota-spent": "what may be asked of the model is spent",
  "model-key-refused": "the model's server does not take the key",
  "model-forbidden": "the model's server does not allow this",
  "model-unknown": "the model's server does not know the model, or the place is wrong",
  "model-unavailable": "the model's server cannot answer",
  "model-timed-out": "the model's server did not answer in time",
  "model-request-refused": "the model's server does not take the request",
  "model-prompt-too-large": "the prompt is too large for the model",
  "model-answer-interrupted": "the model's answer broke off",
};

const BY_NAME: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/insufficient_quota|billing|credit/i, "quota"],
  [/context_length_exceeded|request_too_large/i, "large"],
  [/rate_limit|RESOURCE_EXHAUSTED/i, "limited"],
  [/overloaded|UNAVAILABLE|api_error|server_error|INTERNAL/i, "busy"],
  [/authentication|invalid_api_key|UNAUTHENTICATED/i, "key"],
  [/permission/i, "permission"],
  [/not_found/i, "unknown"],
  [/timeout|DEADLINE_EXCEEDED/i, "timeout"],
];

const BY_CATEGORY: Readonly<Partial<Record<ErrorCategory, string>>> = {
  "rate-limited": "limited",
  quota: "quota",
  authentication: "key",
  permission: "permission",
  "not-found": "unknown",
  unavailable: "busy",
  internal: "busy",
  timeout: "timeout",
  "resource-exhausted": "large",
};

/** Names that say more than the status that they come with. */
const FINER = new Set(["quota", "large"]);

function kindOf({ status, names, body }: Said): Kind | undefined {
  const named = kindNamed([...names, ...(status === undefined ? [] : namesIn(body))]);
  const category = categoryOfStatus(status);
  if (category === undefined) return named === undefined ? undefined : KINDS[named];
  const kind = named !== undefined && FINER.has(named) ? named : (BY_CATEGORY[category] ?? "request");
  return KINDS[isInvalidKey(body) ? "key" : kind];
}

function kindNamed(names: readonly string[]): string | undefined {
  return BY_NAME.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
}

function namesIn(body: string): readonly string[] {
  return [...body.matchAll(/"(?:code|type)"\s*:\s*"([A-Za-z_]{1,64})"/g)].map(([, name = ""]) => name);
}

/** Google answers 400 for a key that is none. */
function isInvalidKey(body: string): boolean {
  return body.includes("API_KEY_INVALID");
}

/** Without a status: no connection, or a stream that breaks or holds what no answer holds. */
function kindUnder(error: unknown): Kind | undefined {
  if (categorize(error).category === "timeout") return KINDS["timeout"];
  const isOfCall = error instanceof Error && "statusCode" in error;
  return KINDS[isOfCall && error.statusCode === undefined ? "busy" : "stream"];
}

function retryAfterOf({ headers, body }: Said, nowMs: number): number | undefined {
  const exact = Number(headers["retry-after-ms"]);
  if (Number.isFinite(exact) && exact > 0) return parseRetryAfter(String(Math.ceil(exact / 1_000)), nowMs);
  const header = headers["retry-after"];
  const inBody = /"retryDelay"\s*:\s*"(\d{1,10})(?:\.\d+)?s"/.exec(body)?.[1];
  return parseRetryAfter(typeof header === "string" ? header : inBody, nowMs);
}
