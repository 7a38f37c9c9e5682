import { z } from "zod";
import { DURATION } from "#src/language/duration.ts";
import { secretPlace } from "#src/ports/secret-place.ts";

// What the configuration says about tools that run outside: MCP servers and services that an OpenAPI document describes. No
// secret stands in it; every one is named by the place where it is kept.
//
// S1. What a source says of its tools is not believed where that would allow more; who believes it says `trust: true`.

const MAX_CHARS = 4_096;
const MAX_ENTRIES = 100;
const MAX_RULES = 1_000;

const text = z.string().min(1).max(MAX_CHARS);
const name = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9_-]*$/, { error: "a name is a lower-case letter, then lower-case letters, digits, _ or -" });
const prefix = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$/, { error: "a prefix is lower-case words joined by dots" });
const duration = z.string().regex(DURATION, { error: "a duration is a number and a unit, such as 10s" });
const maybeSecret = z.union([z.string().max(MAX_CHARS), secretPlace]);
const patterns = z.array(text).max(MAX_RULES);

const entries = <V extends z.ZodType>(value: V) =>
  z.record(name, value).refine((map) => Object.keys(map).length <= MAX_ENTRIES, {
    error: `at most ${MAX_ENTRIES} entries are possible here`,
  });

const rules = {
  prefix: prefix.exactOptional().meta({ description: "Its tools are PREFIX.NAME. Default: its name here." }),
  tools: z.strictObject({ include: patterns.exactOptional(), exclude: patterns.exactOptional() }).exactOptional().meta({
    description: "Which of its tools plans may call, by its own names; a `*` stands for any text. Default: all.",
  }),
  sideEffects: z
    .record(text, z.enum(["read", "write", "irreversible"]))
    .exactOptional()
    .meta({ description: "What a tool does outside, by its own name; this counts before what the source says." }),
  trust: z
    .boolean()
    .exactOptional()
    .meta({ description: "Believes what it says of its tools also where that allows more, e.g. that one only reads." }),
  timeout: duration.exactOptional().meta({ description: "Bound of one call where a step says none." }),
};

const mcpServer = z.strictObject({
  command: text.exactOptional().meta({ description: "Program that speaks MCP over its standard input and output." }),
  args: z.array(z.string().max(MAX_CHARS)).max(MAX_RULES).exactOptional(),
  env: z
    .record(text, maybeSecret)
    .exactOptional()
    .meta({ description: "Variables of the program, as a text or by the place where a secret is kept." }),
  cwd: text.exactOptional().meta({ description: "Directory that the program runs in. Default: the current one." }),
  url: text
    .regex(/^https?:\/\/[^\s@/]+(\/\S*)?$/, { error: "a URL is http(s)://HOST/PATH, without user and password" })
    .exactOptional()
    .meta({ description: "Server that speaks MCP over HTTP." }),
  headers: z
    .record(text, maybeSecret)
    .exactOptional()
    .meta({ description: "Headers of every request, as a text or by the place where a secret is kept." }),
  ...rules,
  connectTimeout: duration.exactOptional().meta({ description: "How long it may take to be there. Default: 30s." }),
});

export const mcpSettings = z.strictObject({ servers: entries(mcpServer) });

const openApi = z.strictObject({
  document: text.meta({ description: "The OpenAPI document: a file, or an address." }),
  server: text
    .regex(/^https?:\/\/[^\s@/]+(\/\S*)?$/, { error: "a URL is http(s)://HOST/PATH, without user and password" })
    .exactOptional()
    .meta({ description: "Where the service is. Default: the first of the document's servers." }),
  auth: z
    .strictObject({
      bearer: secretPlace.exactOptional(),
      basic: z.strictObject({ user: text, password: secretPlace }).exactOptional(),
      apiKey: z.strictObject({ name: text, in: z.enum(["header", "query"]), value: secretPlace }).exactOptional(),
    })
    .exactOptional()
    .meta({ description: "Who this is for the service, by one of these." }),
  ...omitTrust(rules),
});

/** A document is believed as it is: whoever configures it has read it. */
function omitTrust({ trust: _, ...others }: typeof rules) {
  return others;
}

export const openApiSettings = entries(openApi);

export type OpenApiSettings = Readonly<z.infer<typeof openApi>>;
export type OpenApiAuth = NonNullable<OpenApiSettings["auth"]>;
export type McpServerSettings = Readonly<z.infer<typeof mcpServer>>;
export type McpSettings = Readonly<z.infer<typeof mcpSettings>>;
export type SourceRules = Pick<McpServerSettings, keyof typeof rules>;

/** What a program or service is told, as a text or by where it is kept. */
export type MaybeSecret = z.infer<typeof maybeSecret>;

/** All sources of a configuration. */
export interface SourcesSettings {
  readonly mcp?: McpSettings | undefined;
  /** By name. */
  readonly openapi?: Readonly<Record<string, OpenApiSettings>> | undefined;
}
