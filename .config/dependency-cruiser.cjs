// The arrows of the design: events <- machines <- projections <- src, never back, and which room of src may know which.
//
// A1. A room may import what ROOMS_OF_SRC lists for it, the pure rooms and src/ports; a room missing there is an error,
//     so that a new room states its arrows before it is used.
// A2. Type imports count: a type that points backwards is an arrow that points backwards.
// A3. The pure rooms load five packages and nothing of Node.

const PURE_PACKAGES = ["zod", "xstate", "@marcbachmann/cel-js", "re2js", "@noble/hashes"];

// Which other rooms of src a room may import. ports and itself are always allowed; ["*"] is every room.
const ROOMS_OF_SRC = {
  ports: [],
  store: [],
  bus: [],
  // All that is spoken over NATS, with the messages of the bus and the content of blobs as everywhere.
  nats: ["api", "blobs", "bus"],
  // The in-memory twin of calls between processes.
  calls: [],
  blobs: [],
  lease: [],
  // Who owns which partition, and what becomes of a coordinator's plans then.
  ownership: ["runtime", "projecting"],
  secrets: [],
  scheduling: [],
  tools: [],
  language: ["tools"],
  // Tools that run outside: MCP servers and services. Their settings are a part of the configuration.
  sources: ["language", "tools"],
  // Makes plans as data; whether they are right is found out elsewhere.
  builders: [],
  // Asks language models, and is a few tools; durations in its settings are written as in plans.
  model: ["language", "tools"],
  // Files that people write beside plans, read with the same findings; what they say of NATS, models, requests and sources of tools is
  // checked by their schemas.
  config: ["language", "model", "nats", "planning", "sources"],
  "plan-files": ["language"],
  // Plans and steps with places for parameters, and where they are found.
  templates: ["language", "plan-files"],
  telemetry: [],
  // Loads tools in threads and processes, those of this program too.
  executor: ["implementation", "tools"],
  runtime: ["scheduling"],
  planning: ["language", "model", "tools", "scheduling", "templates"],
  // Requirements, gaps and changes: files that people write, tools of the engine, remedies that are templates or proposals of a model.
  implementation: ["tools", "planning", "language", "model", "plan-files", "templates"],
  projecting: [],
  // The engine of one process owns a coordinator and an executor; what facts cite among the blobs is walked in blobs. Reports are made of what
  // is read.
  api: [
    "blobs",
    "executor",
    "implementation",
    "language",
    "ownership",
    "runtime",
    "planning",
    "projecting",
    "scheduling",
    "tools",
  ],
  // Speaks the protocols of http and of nats, and offers what api offers.
  client: ["api", "http", "nats"],
  http: ["api", "telemetry"],
  mcp: ["api"],
  dashboard: ["client"],
  testing: ["*"],
  // The runtime over ports that fail, in virtual time.
  simulation: [
    ...["api", "blobs", "bus", "executor", "language", "lease", "ownership"],
    ...["projecting", "runtime", "store", "testing", "tools"],
  ],
  cli: ["*"],
};

// Files at the top of src: compose.ts builds everything, index.ts is the door.
const LEAVES = "cli";

const anyOf = (names) => `(?:${names.join("|")})`;
const inRooms = (names) => `^${anyOf(names)}/`;
const escape = (name) => name.replaceAll(/[.\\/@-]/g, "\\$&");
const PURE = inRooms(["events", "machines", "projections"]);
const packages = `(?:^|/)node_modules/${anyOf(PURE_PACKAGES.map(escape))}/`;

const roomRules = Object.entries(ROOMS_OF_SRC)
  .filter(([, allowed]) => !allowed.includes("*"))
  .map(([room, allowed]) => ({
    name: `src-${room}`,
    comment: `src/${room} imports the pure rooms, src/ports${allowed.map((name) => `, src/${name}`).join("")} and itself.`,
    severity: "error",
    from: { path: `^src/${room}/` },
    to: { path: "^src/", pathNot: `^src/${anyOf([room, "ports", ...allowed])}/` },
  }));

module.exports = {
  forbidden: [
    {
      name: "no-cycle",
      comment: "Two modules that need each other are one module or hide a third.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment:
        "Every import resolves; one that does not would escape the rules below. What a benchmark's peer imports is installed by its command.",
      severity: "error",
      from: { pathNot: "^bench/peers/[^/]+/worker\\.js$" },
      to: { couldNotResolve: true },
    },
    {
      name: "events-know-nobody",
      comment: "events/ is the language: it imports no other room.",
      severity: "error",
      from: { path: "^events/" },
      to: { path: inRooms(["machines", "projections", "src", "test", "bench", "examples"]) },
    },
    {
      name: "machines-know-events",
      comment: "machines/ is the law: it imports events only.",
      severity: "error",
      from: { path: "^machines/" },
      to: { path: inRooms(["projections", "src", "test", "bench", "examples"]) },
    },
    {
      name: "projections-know-the-law",
      comment: "projections/ are views: they import events and machines only.",
      severity: "error",
      from: { path: "^projections/" },
      to: { path: inRooms(["src", "test", "bench", "examples"]) },
    },
    {
      name: "pure-rooms-packages",
      comment: `Pure rooms load ${PURE_PACKAGES.join(", ")} and nothing else.`,
      severity: "error",
      from: { path: PURE },
      to: { path: "node_modules/", pathNot: packages },
    },
    {
      name: "pure-rooms-no-node",
      comment: "Pure rooms run in the browser, schedules are computed there too: nothing of Node.",
      severity: "error",
      from: { path: `${PURE}|^src/scheduling/` },
      to: { dependencyTypes: ["core"] },
    },
    ...roomRules,
    {
      name: "room-states-its-arrows",
      comment: "A new room of src is listed in ROOMS_OF_SRC before it is used.",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: `^src/${anyOf(Object.keys(ROOMS_OF_SRC))}/` },
      to: {},
    },
    {
      name: "known-rooms-only",
      comment: "A new room of src is listed in ROOMS_OF_SRC before it is used.",
      severity: "error",
      from: {},
      to: { path: "^src/[^/]+/", pathNot: `^src/${anyOf(Object.keys(ROOMS_OF_SRC))}/` },
    },
    {
      name: "nobody-imports-the-command-line",
      comment: "The command line is a door: only tests and itself go through it.",
      severity: "error",
      from: { pathNot: `^(?:src/${LEAVES}|test)/` },
      to: { path: `^src/${LEAVES}/` },
    },
    {
      name: "rooms-do-not-import-the-door",
      comment: "index.ts is for users of the library, the others for the doors.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(?:(?:index|compose)\\.ts$|${LEAVES}/|testing/|http/|mcp/)` },
      to: { path: "^src/(?:index|compose|all-tools|mcp-guest)\\.ts$" },
    },
    {
      name: "tests-stay-in-test",
      comment: "Nothing that ships or is measured depends on a test.",
      severity: "error",
      from: { path: inRooms(["events", "machines", "projections", "src", "examples"]) },
      to: { path: inRooms(["test", "bench"]) },
    },
    {
      name: "no-development-packages",
      comment: "What is published needs only dependencies, and optional ones that a user installs beside it.",
      severity: "error",
      from: { path: inRooms(["events", "machines", "projections", "src"]) },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(?:dist|coverage|docs|\\.[a-z]+)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      conditionNames: ["import", "default", "types"],
      exportsFields: ["exports"],
      extensions: [".ts", ".js", ".cjs", ".mjs", ".json"],
    },
  },
};
