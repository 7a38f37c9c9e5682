import path from "node:path";
import process from "node:process";
import type { Json } from "#events/json.ts";
import { DEFAULT_SLOTS } from "#src/compose.ts";
import { DEFAULT_STORE } from "#src/open-store.ts";
import { configurationHere } from "#src/cli/configured.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { refuseFindings } from "#src/cli/findings.ts";
import type { GrantFlags } from "#src/cli/grants.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText } from "#src/cli/text.ts";
import { lastingName } from "#src/cli/tool-modules.ts";
import { checkPaths } from "#src/config/check-paths.ts";
import { NO_CONFIGURATION, type Choice, type Configuration } from "#src/config/configuration.ts";
import { effectiveValues, type EffectiveValue, type Origin } from "#src/config/effective.ts";
import { configJsonSchema } from "#src/config/file-schema.ts";
import { CONFIG_NAMES, CONFIG_VARIABLE } from "#src/config/locate.ts";
import { isStoreAddress } from "#src/ports/store-address.ts";
import { shownAddress } from "#src/store/kurrent/address.ts";
import { SECRET_PREFIX } from "#src/secrets/environment.ts";

// `config`: what counts here, and because of what. It shows what other commands would use with the same options; a file that
// is wrong is shown with its findings instead.

export interface ConfigFlags extends GrantFlags {
  /** Of the program. */
  readonly config?: string;
  readonly store?: string;
  readonly json?: boolean;
  readonly check?: boolean;
  readonly schema?: boolean;
}

export async function config(flags: ConfigFlags, terminal: Terminal): Promise<ExitCode> {
  if (flags.schema === true) {
    terminal.out(JSON.stringify(configJsonSchema(), null, 2));
    return EXIT.ok;
  }
  const configuration = (await configurationHere(flags.config)) ?? NO_CONFIGURATION;
  return flags.check === true ? check(configuration, flags, terminal) : show(configuration, flags, terminal);
}

function check(configuration: Configuration, flags: ConfigFlags, terminal: Terminal): ExitCode {
  const findings = checkPaths(configuration);
  if (findings.length > 0) return refuseFindings(findings, terminal, flags.json === true);
  const file = configuration.file?.name;
  if (flags.json === true) terminal.out(JSON.stringify({ ok: true, file: file ?? null }));
  else terminal.out(file === undefined ? NO_FILE : `${file}: nothing is wrong`);
  return EXIT.ok;
}

const NO_FILE = `no configuration file here (${CONFIG_NAMES[0]}); defaults count`;

function show(configuration: Configuration, flags: ConfigFlags, terminal: Terminal): ExitCode {
  const values = valuesOf(configuration, flags);
  const { file } = configuration;
  if (flags.json === true) {
    const chosen = file === undefined ? null : { name: file.name, choice: file.choice };
    terminal.out(JSON.stringify({ file: chosen, values }));
    return EXIT.ok;
  }
  terminal.out(file === undefined ? NO_FILE : `${file.name} (${CHOICES[file.choice]})`);
  const nameChars = Math.max(...values.map(({ name }) => name.length));
  for (const { name, value, origin } of values) {
    const origins = terminal.paint("dim", originText(origin));
    terminal.out(`  ${name.padEnd(nameChars)}  ${valueText(value).padEnd(VALUE_CHARS)}  ${origins}`);
  }
  return EXIT.ok;
}

const VALUE_CHARS = 32;
const MAX_VALUE_CHARS = 200;

const CHOICES: Readonly<Record<Choice, string>> = {
  flag: "named by --config",
  environment: `named by ${CONFIG_VARIABLE}`,
  directory: "found in this directory",
};

function valueText(value: Json): string {
  const plain = (part: Json): string => (typeof part === "string" ? part : JSON.stringify(part));
  const text = isList(value) ? value.map(plain).join(", ") : plain(value);
  return text === "" ? "none" : lineText(text, MAX_VALUE_CHARS);
}

/** `Array.isArray` makes any[] of a readonly list. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function originText(origin: Origin): string {
  switch (origin.kind) {
    case "flag":
      return origin.flag;
    case "environment":
      return origin.variable;
    case "file":
      return `${origin.file}:${origin.line}:${origin.column}`;
    case "default":
      return "default";
  }
}

const LOG_VARIABLE = "PLANWRIGHT_LOG";

function valuesOf(configuration: Configuration, flags: ConfigFlags): readonly EffectiveValue[] {
  const { store, root, tools, slots, allowPrivateNetwork } = flags;
  const log = process.env[LOG_VARIABLE];
  const given = (flag: string, value: Json | undefined) => (value === undefined ? undefined : { flag, value });
  return effectiveValues(configuration, {
    flags: {
      store: given("--store", storeShown(store)),
      root: given("--root", absolute(root)),
      tools: given("--tools", tools?.map(lastingName)),
      slots: given("--slots", slots),
      allowPrivateNetwork: given("--allow-private-network", allowPrivateNetwork),
    },
    environment: { log: log === undefined ? undefined : { variable: LOG_VARIABLE, value: log } },
    defaults: {
      store: path.resolve(DEFAULT_STORE),
      root: path.resolve(),
      slots: DEFAULT_SLOTS,
      tools: [],
      plans: [],
      allowPrivateNetwork: false,
      log: "none",
      "secrets.environment.prefix": SECRET_PREFIX,
    },
  });
}

/** A folder as it is resolved, a server without its password. */
function storeShown(store: string | undefined): string | undefined {
  return store !== undefined && isStoreAddress(store) ? shownAddress(store) : absolute(store);
}

function absolute(place: string | undefined): string | undefined {
  return place === undefined ? undefined : path.resolve(place);
}
