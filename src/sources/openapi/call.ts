import type { Json } from "#events/json.ts";
import { isJsonObject, json } from "#events/json.ts";
import type { Operation } from "#src/sources/openapi/operations.ts";
import type { Arguments } from "#src/sources/schema-tool.ts";
import type { OpenApiAuth } from "#src/sources/settings.ts";
import { secretOf } from "#src/sources/told-values.ts";
import { httpExchange, MAX_BODY_BYTES, type HttpAnswer, type HttpRequest } from "#src/tools/builtin/http-exchange.ts";
import { categorize } from "#src/tools/categorize.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";
import { blotter } from "#src/tools/redaction.ts";

// One call of an operation: arguments go where the document says, the answer is the output.
//
// K1. An argument cannot leave its place in the path: it is encoded, and `.` and `..` are refused.
// K2. No secret of the configuration is in an output or a failure, also not as it is encoded on its way.
// K3. What was sent and not answered has failed silently: nobody knows what it did.

export interface Service {
  /** Without a slash at its end. */
  readonly base: string;
  readonly auth: OpenApiAuth | undefined;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/;
const REDIRECT = 300;

/** Errors before anything was sent. */
const UNSENT: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

export async function callOperation(
  operation: Operation,
  args: Arguments,
  on: Service & { context: ToolContext },
): Promise<Json> {
  const { auth, context } = on;
  const authorized = authorization(auth);
  const { text, json: blotted } = blotter(authorized.secrets);
  const url = urlOf(operation, args, on.base);
  for (const [name, value] of Object.entries(authorized.query)) url.searchParams.set(name, value);
  const body = bodyOf(operation, args);
  const request: HttpRequest = {
    ...{ url: url.href, method: operation.method, body, maxBytes: MAX_BODY_BYTES },
    headers: {
      ...headersOf(operation, args, context),
      ...(body === undefined ? {} : JSON_BODY),
      ...authorized.headers,
    },
  };
  try {
    return blotted(outputOf(await httpExchange(request, context)));
  } catch (error) {
    context.signal.throwIfAborted();
    const { category, code, message, retryAfterMs, details } = categorize(error);
    const isSilent = !(error instanceof ToolFailure) && !UNSENT.has(codeOf(error));
    const told = details === undefined ? undefined : blotted(details);
    const more = told !== undefined && isJsonObject(told) ? { details: told } : {};
    throw new ToolFailure(category, text(message), { code, retryAfterMs, isSilent, ...more });
  }
}

const JSON_BODY = { "content-type": "application/json" };

/** K1. */
function urlOf({ path, parameters }: Operation, args: Arguments, base: string): URL {
  const places = new Map(parameters.filter((one) => one.in === "path").map(({ name }) => [name, textOf(args[name])]));
  const filled = path.replaceAll(/\{([^{}]+)\}/g, (_whole, name: string) => {
    const value = places.get(name) ?? "";
    if (value === "" || value === "." || value === "..") {
      throw new ToolFailure("validation", `${JSON.stringify(value)} cannot be the ${name} of a path`, {
        code: "bad-url",
      });
    }
    return encodeURIComponent(value);
  });
  const url = new URL(base + filled);
  for (const { name } of parameters.filter((one) => one.in === "query")) {
    for (const value of [args[name] ?? []].flat()) url.searchParams.append(name, textOf(value));
  }
  return url;
}

function headersOf({ parameters, method }: Operation, args: Arguments, { idempotencyKey }: ToolContext) {
  const given = parameters.filter((one) => one.in === "header" && args[one.name] !== undefined);
  const entries = given.map(({ name }): [string, string] => [name.toLowerCase(), textOf(args[name])]);
  const key = method === "POST" || method === "PATCH" ? { "idempotency-key": idempotencyKey } : {};
  return { accept: "application/json", ...key, ...Object.fromEntries(entries) };
}

function bodyOf({ body, parameters }: Operation, args: Arguments): string | undefined {
  if (body === "none") return undefined;
  if (body === "whole") return args["body"] === undefined ? undefined : JSON.stringify(args["body"]);
  const others = new Set(parameters.map(({ name }) => name));
  return JSON.stringify(Object.fromEntries(Object.entries(args).filter(([name]) => !others.has(name))));
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined ? "" : JSON.stringify(value);
}

function outputOf({ status, headers, body }: HttpAnswer): Json {
  if (status >= REDIRECT) {
    throw new ToolFailure("validation", `the service leads elsewhere with ${status}`, { code: `http-${status}` });
  }
  if (body.length === 0) return null;
  const text = body.toString();
  if (!JSON_TYPE.test(headers["content-type"] ?? "")) return text;
  try {
    return json.parse(JSON.parse(text));
  } catch (cause) {
    throw new ToolFailure("validation", "the answer says that it is JSON, and is not", { code: "not-json", cause });
  }
}

interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly secrets: ReadonlySet<string>;
}

/** K2. */
function authorization(auth: OpenApiAuth | undefined): Authorization {
  if (auth?.bearer !== undefined) {
    const token = secretOf(auth.bearer);
    return { headers: { authorization: `Bearer ${token}` }, query: {}, secrets: new Set([token]) };
  }
  if (auth?.basic !== undefined) {
    const password = secretOf(auth.basic.password);
    const encoded = Buffer.from(`${auth.basic.user}:${password}`).toString("base64");
    return { headers: { authorization: `Basic ${encoded}` }, query: {}, secrets: new Set([password, encoded]) };
  }
  if (auth?.apiKey === undefined) return { headers: {}, query: {}, secrets: new Set() };
  const key = secretOf(auth.apiKey.value);
  const named = { [auth.apiKey.name]: key };
  const secrets = new Set([key, encodeURIComponent(key), new URLSearchParams(named).toString().split("=")[1] ?? key]);
  return auth.apiKey.in === "query" ? { headers: {}, query: named, secrets } : { headers: named, query: {}, secrets };
}

function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  return "code" in error ? error.code : codeOf(error.cause);
}
