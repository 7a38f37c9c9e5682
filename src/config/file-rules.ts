import { isIPv4 } from "node:net";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { ConfigFile } from "#src/config/file-schema.ts";
import type { Path } from "#src/language/finding.ts";
import { isStoreAddress } from "#src/ports/store-address.ts";
import type { Report } from "#src/language/report.ts";
import type { McpServerSettings } from "#src/sources/settings.ts";

// What several entries of the configuration must agree about.
//
// R1. A role names no token that is not declared: nobody could ever be it.
// R2. Two names for one token leave open who asked.
// R3. A door that others than this machine reach is not left open: it wants tokens.
// R4. A password does not stand in the file.
// R5. A model that plans is one of those that there are. One that speaks a protocol of many servers says which server.
// R6. A server is a program or an address, not both. Two sources do not share a prefix: nobody could say whose tool is meant.

const TOKEN = "token:";

export function checkRules(file: ConfigFile, report: Report): void {
  checkRoles(file, report);
  checkTokens(file, report);
  checkDoor(file, report);
  checkStore(file, report);
  checkModels(file, report);
  checkServers(file, report);
}

function checkRoles({ roles = {}, tokens = {} }: ConfigFile, report: Report): void {
  for (const [role, principals] of Object.entries(roles)) {
    for (const [index, principal] of principals.entries()) {
      if (!principal.startsWith(TOKEN)) continue;
      const name = principal.slice(TOKEN.length);
      if (Object.hasOwn(tokens, name)) continue;
      const nearest = nearestName(name, Object.keys(tokens));
      report.error(["roles", role, index], {
        code: "unknown-token",
        message: `no token is called ${JSON.stringify(name)}`,
        suggestion: nearest === undefined ? undefined : TOKEN + nearest,
      });
    }
  }
}

function checkTokens({ tokens = {} }: ConfigFile, report: Report): void {
  const names = new Map<string, string>();
  for (const [name, { sha256 }] of Object.entries(tokens)) {
    const first = names.get(sha256);
    const message = `this is the hash of the token ${first} as well`;
    if (first === undefined) names.set(sha256, name);
    else report.error(["tokens", name], { code: "token-twice", message }, { key: true });
  }
}

function checkDoor({ http, tokens = {} }: ConfigFile, report: Report): void {
  if (http?.host === undefined || isLoopback(http.host) || Object.keys(tokens).length > 0) return;
  const message = "others than this machine could ask here: declare tokens, or listen on 127.0.0.1";
  report.error(["http", "host"], { code: "open-door", message });
}

function checkStore({ store = "" }: ConfigFile, report: Report): void {
  if (!isStoreAddress(store) || !store.includes("@")) return;
  const message =
    "the user and password of a server do not belong here; PLANWRIGHT_STORE_USER and PLANWRIGHT_STORE_PASSWORD are asked";
  report.hide(["store"]);
  report.error(["store"], { code: "password-in-file", message });
}

function checkModels({ models = {}, planning = {} }: ConfigFile, report: Report): void {
  const { model = false } = planning;
  if (model !== false && !Object.hasOwn(models, model)) {
    const message = `no model is called ${JSON.stringify(model)}`;
    const suggestion = nearestName(model, Object.keys(models));
    report.error(["planning", "model"], { code: "unknown-model", message, suggestion });
  }
  for (const [name, { provider, baseUrl }] of Object.entries(models)) {
    if (provider !== "openai-compatible" || baseUrl !== undefined) continue;
    const message = "baseUrl is missing here: many servers are openai-compatible, such as http://127.0.0.1:11434/v1";
    report.error(["models", name], { code: "missing-word", message }, { key: true });
  }
}

const OF_PROGRAMS = ["args", "env", "cwd"] as const;
const OF_ADDRESSES = ["headers"] as const;

function checkServers({ mcp, openapi = {} }: ConfigFile, report: Report): void {
  const prefixes = new Map<string, string>();
  const checkPrefix = (prefix: string, at: Path): void => {
    const other = prefixes.get(prefix);
    const message = `${other} has the prefix ${prefix} as well`;
    if (other === undefined) prefixes.set(prefix, String(at.at(-1)));
    else report.error(at, { code: "prefix-twice", message }, { key: true });
  };
  for (const [name, server] of Object.entries(mcp?.servers ?? {})) {
    const at = ["mcp", "servers", name];
    checkServer(server, at, report);
    checkPrefix(server.prefix ?? name, at);
  }
  for (const [name, service] of Object.entries(openapi)) {
    const at = ["openapi", name];
    checkPrefix(service.prefix ?? name, at);
    if (Object.keys(service.auth ?? {}).length <= 1) continue;
    report.error([...at, "auth"], { code: "source-unclear", message: "bearer, basic and apiKey exclude each other" });
  }
}

function checkServer(server: McpServerSettings, at: Path, report: Report): void {
  const { command, url } = server;
  if ((command === undefined) === (url === undefined)) {
    const message = "a server is either a program (command) or an address (url)";
    report.error(at, { code: "source-unclear", message }, { key: true });
  }
  for (const word of url === undefined ? OF_ADDRESSES : OF_PROGRAMS) {
    if (server[word] === undefined) continue;
    const message = `${word} is for servers with ${url === undefined ? "a url" : "a command"}`;
    report.error([...at, word], { code: "source-unclear", message }, { key: true });
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
