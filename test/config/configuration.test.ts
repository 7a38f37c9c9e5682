import { describe, expect, it } from "vitest";
import { placeOf, readConfiguration, type Configuration } from "#src/config/configuration.ts";
import { effectiveValues } from "#src/config/effective.ts";
import type { Finding } from "#src/language/finding.ts";
import { formatFindings } from "#src/language/format.ts";

const FILE = "/project/planwright.config.yaml";
const HASH = "0123456789abcdef".repeat(4);

const read = (text: string, file = FILE) => readConfiguration({ text, file, choice: "directory" });

function accepted(text: string, file = FILE): Configuration {
  const result = read(text, file);
  if (!result.ok) throw new Error(formatFindings(result.findings));
  return result.configuration;
}

function refused(text: string): readonly Finding[] {
  const result = read(text);
  return result.ok ? [] : result.findings;
}

const WHOLE = `
$schema: ./schemas/config.schema.json
store: .planwright
root: ../data
slots: 4
tools: [./tools.ts, some-package]
plans: [plans, /shared/one.yaml]
allowPrivateNetwork: true
pools: { gpu: { slots: 2 } }
keys:
  customer-*: { limit: 3 }
  customer-7: { limit: 1 }
  "*": { limit: 9 }
resources: { tokens: { capacity: 0.5 } }
roles: { editor: [os:alice, token:ci, service:billing] }
tokens: { ci: { sha256: ${HASH} } }
secrets:
  environment: { prefix: MY_ }
  files: { directory: run/secrets }
models:
  default: { provider: openai-compatible, model: tiny, baseUrl: "http://127.0.0.1:8080/v1", key: { file: run/key } }
  careful: { provider: anthropic, model: big, key: { $secret: BIG_KEY }, timeout: 90s, maxTries: 2 }
http: { host: 127.0.0.1, port: 8080 }
`;

describe("a configuration file", () => {
  it("gives every setting, with paths from its own directory", () => {
    expect(accepted(WHOLE).settings).toEqual({
      store: "/project/.planwright",
      root: "/data",
      slots: 4,
      tools: ["/project/tools.ts", "some-package"],
      plans: ["/project/plans", "/shared/one.yaml"],
      allowPrivateNetwork: true,
      pools: { gpu: { slots: 2 } },
      keys: { "customer-*": { limit: 3 }, "customer-7": { limit: 1 }, "*": { limit: 9 } },
      resources: { tokens: { capacity: 0.5 } },
      roles: { editor: ["os:alice", "token:ci", "service:billing"] },
      tokens: { ci: { sha256: HASH } },
      secrets: { environment: { prefix: "MY_" }, files: { directory: "/project/run/secrets" } },
      models: {
        default: {
          ...{ provider: "openai-compatible", model: "tiny", baseUrl: "http://127.0.0.1:8080/v1" },
          key: { file: "/project/run/key" },
        },
        careful: { provider: "anthropic", model: "big", key: { $secret: "BIG_KEY" }, timeout: "90s", maxTries: 2 },
      },
      http: { host: "127.0.0.1", port: 8080 },
    });
  });

  it("names the places of a server's secrets, and where its program runs, from its own directory", () => {
    const { settings } = accepted(
      "mcp: { servers: { a: { command: ./run.sh, cwd: there, env: { KEY: { file: keys/a }, NAME: x, V: { env: V } } } } }",
    );
    expect(settings.mcp?.servers["a"]).toEqual({
      ...{ command: "./run.sh", cwd: "/project/there" },
      env: { KEY: { file: "/project/keys/a" }, NAME: "x", V: { env: "V" } },
    });
  });

  it("may be JSON, or hold nothing yet", () => {
    expect(accepted('{ "slots": 2 }', "/project/planwright.config.json").settings).toEqual({ slots: 2 });
    expect(accepted("# nothing yet\n")).toEqual({ settings: {}, file: { name: FILE, choice: "directory" } });
    expect(accepted("{}").settings).toEqual({});
  });

  it("is refused with place, caret and suggestion for each word that it does not have", () => {
    const findings = refused("slot: 3\npools:\n  gpu: { slot: 2 }\nhttp: { hots: localhost }\n");
    expect(findings).toMatchObject([
      { code: "unknown-word", line: 1, column: 1, suggestion: "slots" },
      { code: "missing-word", line: 3, column: 3 },
      { code: "unknown-word", line: 3, column: 10, suggestion: "slots" },
      { code: "unknown-word", line: 4, column: 9, suggestion: "host" },
    ]);
    expect(formatFindings(findings)).toContain(
      `${FILE}:3:10: error unknown-word: there is no "slot" here, only slots\n      gpu: { slot: 2 }\n             ^^^^\n  did you mean slots?`,
    );
  });

  it.each([
    ["slots: 0", "out-of-range", "at least 1 is possible here"],
    ["slots: 20000", "out-of-range", "at most 10000 is possible here"],
    ["slots: 1.5", "wrong-type", "a whole number is wanted here, this is a number"],
    ["slots: four", "wrong-type", "a number is wanted here, this is a text"],
    ["slots:", "wrong-type", "a number is wanted here, this is nothing (null)"],
    ["allowPrivateNetwork: yes", "wrong-type", "true or false is wanted here"],
    ["store: ''", "out-of-range", "at least 1 characters"],
    ["tools: ./tools.ts", "wrong-type", "a list is wanted here"],
    ["pools: [gpu]", "wrong-type", "a mapping is wanted here"],
    ["pools: { gpu: 2 }", "wrong-type", "a mapping is wanted here, this is a number"],
    ["pools: { gpu: { slots: 0 } }", "out-of-range", "at least 1"],
    ["pools: { 'a b': { slots: 1 } }", "bad-value", "a pool's name is a letter, then"],
    ["keys: { 'a*b': { limit: 1 } }", "bad-value", "a * at the end"],
    ["keys: { '**': { limit: 1 } }", "bad-value", "a * at the end"],
    ["keys: { a: { limit: -1 } }", "out-of-range", "at least 1"],
    ["resources: { a: { capacity: 0 } }", "out-of-range", "more than 0"],
    ["roles: { editor: [alice] }", "bad-value", "such as os:alice or token:ci"],
    ["roles: { editor: [token:ci] }", "unknown-token", 'no token is called "ci"'],
    ["tokens: { ci: { sha256: ABC } }", "bad-value", "64 digits of lower-case hex"],
    ["secrets: { environment: { prefix: '' } }", "bad-value", "could read every variable"],
    ["http: { port: 70000 }", "out-of-range", "at most 65535"],
    ["http: { host: 0.0.0.0 }", "open-door", "declare tokens"],
    ["store: kurrentdb://ada:hunter2@db.example", "password-in-file", "do not belong here"],
    ["http: { host: 127.evil.example }", "open-door", "declare tokens"],
    [
      "mcp: { servers: { a: { command: x, url: http://h/m } } }",
      "source-unclear",
      "either a program (command) or an address",
    ],
    ["mcp: { servers: { a: {} } }", "source-unclear", "either a program (command) or an address"],
    ["mcp: { servers: { a: { url: http://h/m, args: [] } } }", "source-unclear", "args is for servers with a command"],
    ["mcp: { servers: { a: { command: x, headers: {} } } }", "source-unclear", "headers is for servers with a url"],
    [
      "mcp: { servers: { a: { command: x }, b: { command: y, prefix: a } } }",
      "prefix-twice",
      "a has the prefix a as well",
    ],
    ["mcp: { servers: { a: { url: 'http://ada:hunter2@h/m' } } }", "bad-value", "without user and password"],
    ["mcp: { servers: { A: { command: x } } }", "bad-value", "lower-case letter"],
    ["mcp: { servers: { a: { command: x, timeout: soon } } }", "bad-value", "such as 10s"],
    ["[1]", "wrong-type", "a mapping is wanted here, this is a list"],
    ["slots: 1\nslots: 2", "duplicate-key", "slots"],
    ["\tslots: 1", "tab", ""],
  ])("that says %j is refused as %s", (text, code, message) => {
    expect(refused(text)).toMatchObject([{ code, message: expect.stringContaining(message), severity: "error" }]);
  });

  it("may open its door beyond this machine where it has tokens", () => {
    expect(refused(`http: { host: 0.0.0.0 }\ntokens: { ci: { sha256: ${HASH} } }`)).toEqual([]);
    for (const host of ["127.0.0.1", "127.9.9.9", "localhost", "'::1'"]) {
      expect(refused(`http: { host: ${host} }`), host).toEqual([]);
    }
  });

  it.each([
    ["{ provider: openai-compatible, model: tiny }", "missing-word", "baseUrl"],
    ["{ provider: openai, model: gpt, baseUrl: 'https://me:pw@example.com/v1' }", "bad-value", "without user"],
    ["{ provider: openai, model: gpt, baseUrl: 'file:///etc' }", "bad-value", "http"],
    ["{ provider: openai, model: gpt, key: sk-1234567890 }", "out-of-range", "{ env: VARIABLE }"],
    ["{ provider: openai, model: gpt, timeout: soon }", "bad-value", "duration"],
    ["{ provider: openai, model: gpt, timeout: 0s }", "out-of-range", "no time"],
    ["{ provider: openai, model: gpt, maxTries: 100 }", "out-of-range", "20"],
    ["{ provider: clippy, model: gpt }", "out-of-range", ""],
    ["{ provider: openai, modl: gpt }", "missing-word", "model"],
  ])("names no model by %s", (model, code, message) => {
    const findings = refused(`models: { default: ${model} }`);
    expect(findings).toContainEqual(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it("never shows a key that stands in the place of where it is kept", () => {
    const key = "sk-1234567890-the-key-itself";
    for (const written of [`key: ${key}`, `key: { value: ${key} }`, `key: { env: { a: ${key} } }`, `apiKey: ${key}`]) {
      const told = formatFindings(refused(`models:\n  default: { provider: openai, model: gpt, ${written} }\n`));
      expect(told).toContain("config.yaml:2:");
      expect(told).not.toContain(key);
    }
  });

  it("names who is meant where a role names a token that is not there, and one hash for two tokens", () => {
    const [unknown] = refused(`roles: { a: [token:cy] }\ntokens: { ci: { sha256: ${HASH} } }`);
    expect(unknown).toMatchObject({ code: "unknown-token", suggestion: "token:ci" });
    const twice = refused(`tokens:\n  a: { sha256: ${HASH} }\n  b: { sha256: ${HASH} }\n`);
    expect(twice).toMatchObject([{ code: "token-twice", line: 3, column: 3, message: expect.stringContaining("a") }]);
  });

  it("never shows what stands in the place of a token's hash", () => {
    const token = "hunter2-the-token-itself";
    const told = formatFindings(refused(`tokens:\n  ci: { sha256: ${token} }\n  cd: { token: ${token} }\n`));
    expect(told).toContain("bad-value");
    expect(told).toContain("unknown-word");
    expect(told).not.toContain(token);
  });
});

describe("the effective values", () => {
  const overrides = {
    flags: { slots: { flag: "--slots", value: 3 }, root: undefined },
    environment: { log: { variable: "PLANWRIGHT_LOG", value: "info" } },
    defaults: { store: "/project/.planwright", slots: 8, root: "/project", log: "none" },
  };

  it("name for each value what it comes from: an option before the file before a default", () => {
    const values = effectiveValues(accepted("slots: 4\nroot: data\npools:\n  gpu: { slots: 2 }\n"), overrides);
    expect(values).toEqual([
      { name: "store", value: "/project/.planwright", origin: { kind: "default" } },
      { name: "slots", value: 3, origin: { kind: "flag", flag: "--slots" } },
      { name: "root", value: "/project/data", origin: { kind: "file", file: FILE, line: 2, column: 7 } },
      { name: "log", value: "info", origin: { kind: "environment", variable: "PLANWRIGHT_LOG" } },
      { name: "keys.*.limit", value: 1, origin: { kind: "default" } },
      { name: "pools.gpu.slots", value: 2, origin: { kind: "file", file: FILE, line: 4, column: 17 } },
    ]);
  });

  it("have every setting of the file once", () => {
    const names = effectiveValues(accepted(WHOLE), overrides).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of ["keys.*.limit", "keys.customer-*.limit", "http.port", "roles.editor", "tools"]) {
      expect(names).toContain(name);
    }
  });

  it("show no whole hash of a token", () => {
    expect(JSON.stringify(effectiveValues(accepted(WHOLE), overrides))).not.toContain(HASH);
  });
});

describe("the place of a setting", () => {
  it("is where its value stands, and nowhere for one that the file does not have", () => {
    const configuration = accepted("keys:\n  'a.b-*': { limit: 2 }\n");
    expect(placeOf(configuration, ["keys", "a.b-*", "limit"])).toEqual({ line: 2, column: 21 });
    expect(placeOf(configuration, ["slots"])).toBeUndefined();
    expect(placeOf({ settings: {} }, ["slots"])).toBeUndefined();
  });
});
