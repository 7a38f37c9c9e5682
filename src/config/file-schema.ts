import { z } from "zod";
import { planningSettings } from "#src/model/planning-settings.ts";
import { modelSettings } from "#src/model/settings.ts";
import { natsSettings } from "#src/nats/settings.ts";
import { requestGrants } from "#src/planning/request/request-grants.ts";
import { mcpSettings, openApiSettings } from "#src/sources/settings.ts";

// The configuration file as it is written: strict, every word known, every limit a number that makes sense. The JSON Schema
// that editors use is made from this one (`planwright config --schema`).
//
// S1. Nothing in it is secret: a token is named by its hash, a secret by where it is kept, a server without its password.
// S2. What one entry cannot say alone (a role that names an unknown token, a door open to the network) is checked in
//     check-file.ts.

const MAX_SLOTS = 10_000;
const MAX_LIMIT = 1_000_000;
const MAX_ENTRIES = 1_000;
const MAX_NAME_CHARS = 200;
const MAX_PORT = 65_535;

const named = (what: string, pattern: RegExp, shape: string) =>
  z
    .string()
    .max(MAX_NAME_CHARS)
    .regex(pattern, { error: `${what} is ${shape}` });

const name = (what: string) => named(what, /^[A-Za-z][A-Za-z0-9_.-]*$/, "a letter, then letters, digits, _ . or -");

/** A `*` stands at the end, or not at all. */
const keyPattern = named(
  "a key",
  /^(?:[^*]+\*?|\*)$/,
  "its exact text, or the text that it begins with and a * at the end",
);

const principal = named("a principal", /^[a-z][a-z0-9-]*:[^\s:]+$/, "its kind and name, such as os:alice or token:ci");

const entries = <K extends z.ZodString, V extends z.ZodType>(key: K, value: V) =>
  z.record(key, value).refine((map) => Object.keys(map).length <= MAX_ENTRIES, {
    error: `at most ${MAX_ENTRIES} entries are possible here`,
  });

const path = z.string().min(1).max(4_096);
const count = z.int().min(1).max(MAX_LIMIT);

export const configFile = z
  .strictObject({
    $schema: z.string().exactOptional().meta({ description: "For editors." }),
    store: path.exactOptional().meta({
      description: "Folder of the store, or the URL of a server (kurrentdb://… or esdb://…) without a password.",
    }),
    local: path
      .exactOptional()
      .meta({ description: "Beside a server's log: the folder of this machine for payloads, grants and a cache." }),
    nats: natsSettings
      .exactOptional()
      .meta({ description: "Shares the plans with other coordinators, and has workers run their steps." }),
    root: path.exactOptional().meta({ description: "Directory that the fs, shell and git tools stay inside." }),
    slots: z.int().min(1).max(MAX_SLOTS).exactOptional().meta({ description: "Attempts that run at once." }),
    tools: z.array(path).max(MAX_ENTRIES).exactOptional().meta({ description: "Files or packages that export tools." }),
    mcp: mcpSettings.exactOptional().meta({ description: "MCP servers whose tools plans can call." }),
    openapi: openApiSettings
      .exactOptional()
      .meta({ description: "Services whose operations plans can call, by the OpenAPI document that describes them." }),
    plans: z
      .array(path)
      .max(MAX_ENTRIES)
      .exactOptional()
      .meta({ description: "Directories and files where plans are found that others call." }),
    templates: z.array(path).max(MAX_ENTRIES).exactOptional().meta({
      description:
        "Directories and installed packages where templates are found; by default `templates` beside the plans.",
    }),
    planner: path.exactOptional().meta({
      description: "File that `planwright planner train` wrote: requests in words are planned with what it knows.",
    }),
    allowPrivateNetwork: z
      .boolean()
      .exactOptional()
      .meta({ description: "Lets the http tools reach loopback and private addresses." }),
    pools: entries(name("a pool's name"), z.strictObject({ slots: count }))
      .exactOptional()
      .meta({ description: "Steps with this `pool` that run at once, by the pool's name." }),
    keys: entries(keyPattern, z.strictObject({ limit: count }))
      .exactOptional()
      .meta({
        description:
          "Attempts with equal concurrency keys that run at once: by the key, by what it begins with and a `*`, or for all by `*`.",
      }),
    resources: entries(
      name("a resource's name"),
      z.strictObject({ capacity: z.number().positive().max(Number.MAX_SAFE_INTEGER) }),
    )
      .exactOptional()
      .meta({ description: "Units that steps may hold together by `uses`, by the resource's name." }),
    roles: entries(name("a role's name"), z.array(principal).max(MAX_ENTRIES))
      .exactOptional()
      .meta({ description: "Who may decide approvals, by role." }),
    tokens: entries(
      name("a token's name"),
      z.strictObject({
        sha256: named("a token's hash", /^[0-9a-f]{64}$/, "the SHA-256 of the token, 64 digits of lower-case hex"),
      }),
    )
      .exactOptional()
      .meta({
        description: "Who may ask over HTTP: the principal `token:NAME` is whoever brings a token with this hash.",
      }),
    secrets: z
      .strictObject({
        environment: z
          .strictObject({
            prefix: named(
              "a prefix",
              /^[A-Za-z_][A-Za-z0-9_]*$/,
              "not empty: with none a plan could read every variable of this process",
            ),
          })
          .exactOptional()
          .meta({ description: "The secret NAME is the variable PREFIXNAME." }),
        files: z
          .strictObject({ directory: path })
          .exactOptional()
          .meta({ description: "The secret NAME is the file NAME in this directory; it comes before the variable." }),
      })
      .exactOptional()
      .meta({ description: "Where the secrets are that plans refer to." }),
    models: entries(name("a model's name"), modelSettings)
      .exactOptional()
      .meta({ description: "Language models that may be asked, by name; `default` where none is named." }),
    planning: planningSettings.exactOptional().meta({ description: "Language models in planning." }),
    requests: requestGrants
      .exactOptional()
      .meta({ description: "What plans that are made from requests in words may use." }),
    http: z
      .strictObject({
        host: z.string().min(1).max(MAX_NAME_CHARS).exactOptional().meta({ description: "Address to listen on." }),
        port: z.int().min(0).max(MAX_PORT).exactOptional().meta({ description: "0 for any that is free." }),
      })
      .exactOptional()
      .meta({ description: "The HTTP door." }),
  })
  .meta({ title: "Planwright configuration" });

export type ConfigFile = z.infer<typeof configFile>;

/** The JSON Schema (draft 2020-12) of the file. */
export function configJsonSchema() {
  return z.toJSONSchema(configFile, { io: "input", target: "draft-2020-12" });
}
