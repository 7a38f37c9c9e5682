import { existsSync } from "node:fs";
import path from "node:path";
import { configFile, type ConfigFile } from "#src/config/file-schema.ts";
import { reportIssue } from "#src/config/file-findings.ts";
import { checkRules } from "#src/config/file-rules.ts";
import type { Finding, Path } from "#src/language/finding.ts";
import type { ModelSettings } from "#src/model/settings.ts";
import type { NatsSettings } from "#src/nats/settings.ts";
import type {
  MaybeSecret,
  McpServerSettings,
  McpSettings,
  OpenApiAuth,
  OpenApiSettings,
} from "#src/sources/settings.ts";
import { parsePlan, type PlanSource } from "#src/language/parse.ts";
import { isStoreAddress } from "#src/ports/store-address.ts";
import { Report } from "#src/language/report.ts";
import { nodeAt } from "#src/language/source-node.ts";
import { sourceText } from "#src/language/source-text.ts";

// The configuration as a program uses it, from the text of its file: paths absolute, everything checked that the text alone
// can say. Whether the paths lead anywhere is asked by who goes there, and by `planwright config --check`.

type Settings = Omit<ConfigFile, "$schema">;

/** How the file was chosen. */
export type Choice = "flag" | "environment" | "directory";

export interface Configuration {
  readonly settings: Settings;
  /** Undefined where there is no file. */
  readonly file?: ChosenFile;
}

interface ChosenFile {
  /** As it was named, or found. */
  readonly name: string;
  readonly choice: Choice;
  /** Undefined for a file with nothing in it. */
  readonly source?: PlanSource;
}

export const NO_CONFIGURATION: Configuration = { settings: {} };

export type ReadConfiguration =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly findings: readonly Finding[] };

export interface ConfigurationText {
  readonly text: string;
  /** As findings name it; relative paths inside are relative to its directory. */
  readonly file: string;
  readonly choice: Choice;
}

/** Codes: those of reading YAML or JSON, unknown-word, wrong-type, out-of-range, bad-value, missing-word, … */
export function readConfiguration({ text, file, choice }: ConfigurationText): ReadConfiguration {
  const parsed = parsePlan(text, { file });
  if (!parsed.ok) {
    const isEmpty = parsed.findings.every(({ code }) => code === "empty-plan");
    return isEmpty ? { ok: true, configuration: { settings: {}, file: { name: file, choice } } } : parsed;
  }
  const { source } = parsed;
  const report = new Report(source, source.root);
  const settings = settingsOf(source, report);
  if (settings === undefined || report.hasErrors) return { ok: false, findings: report.findings() };
  const chosen = { name: file, choice, source };
  return { ok: true, configuration: { settings: absolute(settings, path.dirname(file)), file: chosen } };
}

/** Line and column of a setting, from 1; undefined where the file does not have it. */
export function placeOf({ file }: Configuration, at: Path): { line: number; column: number } | undefined {
  const source = file?.source;
  if (source === undefined) return undefined;
  const { node, exact } = nodeAt(source.root, at);
  return exact ? sourceText(source.text).place(node.start) : undefined;
}

function settingsOf({ root }: PlanSource, report: Report): Settings | undefined {
  const read = configFile.safeParse(root.value);
  // Somebody may have written a token itself where its hash belongs, or a key where its place does.
  for (const place of ["tokens", "models"]) {
    for (const name of root.members?.get(place)?.node.members?.keys() ?? []) report.hide([place, name]);
  }
  if (!read.success) {
    for (const issue of read.error.issues) reportIssue(issue, root.value, report);
    return undefined;
  }
  checkRules(read.data, report);
  const { $schema: _, ...settings } = read.data;
  return settings;
}

function absolute(settings: Settings, directory: string): Settings {
  const { store, tools, plans, secrets, ...others } = settings;
  const from = (place: string): string => path.resolve(directory, place);
  const { files, ...otherSecrets } = secrets ?? {};
  return {
    ...others,
    ...placesIn(settings, from),
    ...outsideOf(settings, from),
    ...modelsIn(settings.models, from),
    ...templatesIn(settings.templates, directory),
    ...(store === undefined ? {} : { store: isStoreAddress(store) ? store : from(store) }),
    ...(tools === undefined ? {} : { tools: tools.map((tool) => (isFile(tool, directory) ? from(tool) : tool)) }),
    ...(plans === undefined ? {} : { plans: plans.map(from) }),
    ...(secrets === undefined
      ? {}
      : {
          secrets: { ...otherSecrets, ...(files === undefined ? {} : { files: { directory: from(files.directory) } }) },
        }),
  };
}

function placesIn(
  { local, root, planner }: Settings,
  from: (place: string) => string,
): Pick<Settings, "local" | "root" | "planner"> {
  return {
    ...(local === undefined ? {} : { local: from(local) }),
    ...(root === undefined ? {} : { root: from(root) }),
    ...(planner === undefined ? {} : { planner: from(planner) }),
  };
}

/** What is said of others that this program speaks with. */
function outsideOf(
  { nats, mcp, openapi }: Settings,
  from: (place: string) => string,
): Pick<Settings, "nats" | "mcp" | "openapi"> {
  return {
    ...(nats === undefined ? {} : { nats: natsFrom(nats, from) }),
    ...(mcp === undefined ? {} : { mcp: mcpFrom(mcp, from) }),
    ...(openapi === undefined ? {} : { openapi: openApiFrom(openapi, from) }),
  };
}

function templatesIn(templates: Settings["templates"], directory: string): Pick<Settings, "templates"> {
  if (templates === undefined) return {};
  return { templates: templates.map((one) => (isFile(one, directory) ? path.resolve(directory, one) : one)) };
}

function modelsIn(models: Settings["models"], from: (place: string) => string): Pick<Settings, "models"> {
  if (models === undefined) return {};
  const placed = ({ key, ...others }: ModelSettings): ModelSettings => {
    if (key === undefined) return others;
    return { ...others, key: isFilePlace(key) ? { file: from(key.file) } : key };
  };
  return { models: Object.fromEntries(Object.entries(models).map(([name, one]) => [name, placed(one)])) };
}

/** Its files are named from where the configuration is. */
function natsFrom(nats: NatsSettings, from: (place: string) => string): NatsSettings {
  const placed = <P>(place: P): P => (isFilePlace(place) ? { ...place, file: from(place.file) } : place);
  const { tls, ...others } = nats;
  const files = Object.entries(tls ?? {}).map(([name, file]) => [name, from(file)] as const);
  const secrets = Object.entries(others).map(([name, value]) => [name, placed(value)] as const);
  return { ...nats, ...Object.fromEntries(secrets), ...(tls === undefined ? {} : { tls: Object.fromEntries(files) }) };
}

/** Where its secrets are kept, and where its programs run. A program itself is looked for as a shell would. */
function mcpFrom({ servers }: McpSettings, from: (place: string) => string): McpSettings {
  const placed = Object.entries(servers).map(
    ([name, { cwd, env, headers, ...server }]): [string, McpServerSettings] => [
      name,
      {
        ...server,
        ...(cwd === undefined ? {} : { cwd: from(cwd) }),
        ...(env === undefined ? {} : { env: toldFrom(env, from) }),
        ...(headers === undefined ? {} : { headers: toldFrom(headers, from) }),
      },
    ],
  );
  return { servers: Object.fromEntries(placed) };
}

type Services = Readonly<Record<string, OpenApiSettings>>;

function openApiFrom(services: Services, from: (place: string) => string): Record<string, OpenApiSettings> {
  const placed = <P>(place: P): P => (isFilePlace(place) ? { ...place, file: from(place.file) } : place);
  const authFrom = ({ bearer, basic, apiKey }: OpenApiAuth): OpenApiAuth => ({
    ...(bearer === undefined ? {} : { bearer: placed(bearer) }),
    ...(basic === undefined ? {} : { basic: { ...basic, password: placed(basic.password) } }),
    ...(apiKey === undefined ? {} : { apiKey: { ...apiKey, value: placed(apiKey.value) } }),
  });
  const entries = Object.entries(services).map(([name, service]): [string, OpenApiSettings] => {
    const document = /^https?:/.test(service.document) ? service.document : from(service.document);
    return [name, { ...service, document, ...(service.auth === undefined ? {} : { auth: authFrom(service.auth) }) }];
  });
  return Object.fromEntries(entries);
}

type Told = Record<string, MaybeSecret>;

function toldFrom(told: Readonly<Told>, from: (place: string) => string): Told {
  const placed = Object.entries(told).map(([name, value]): [string, MaybeSecret] => [
    name,
    isFilePlace(value) ? { file: from(value.file) } : value,
  ]);
  return Object.fromEntries(placed);
}

function isFilePlace(value: unknown): value is { readonly file: string } {
  return typeof value === "object" && value !== null && "file" in value && typeof value.file === "string";
}

/** What is no file is the name of a package. */
function isFile(tool: string, directory: string): boolean {
  return tool.startsWith(".") || path.isAbsolute(tool) || existsSync(path.resolve(directory, tool));
}
