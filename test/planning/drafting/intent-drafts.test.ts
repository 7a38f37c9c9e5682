import { describe, expect, it } from "vitest";
import { toolRegistry } from "#src/all-tools.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { decided, decider } from "#src/planning/answering/decision.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import type { BoundCall } from "#src/planning/binding/argument-model.ts";
import type { Source } from "#src/planning/binding/source.ts";
import { drafted, drafts, planner } from "#src/planning/drafting/planner.ts";
import { plannable } from "#src/planning/request/planning.ts";
import { validated } from "#src/planning/validation/validate.ts";
import { planSource } from "#src/planning/writing/plan-source.ts";
import { CATALOG, NOW } from "../travel.ts";

const tools = toolRegistry();
const entries = plannable({
  ...{ tools, reports: [], past: [], now: NOW },
  granted: { permissions: ["fs.read", "fs.write", "net", "process"] },
});
const untaught = planner(entries, { now: NOW });
const traveller = planner(CATALOG, { now: NOW });

function written(source: Source): unknown {
  if (source.kind === "output") return `#${[source.call, ...source.path].join(".")}`;
  if (source.kind === "earlier") return source.path;
  return "value" in source ? source.value : source.parts;
}

function callsOf(calls: readonly BoundCall[]): readonly unknown[] {
  return calls.map(({ tool, arguments: given, missing }) => ({
    [tool]: Object.fromEntries(Object.entries(given).map(([name, source]) => [name, written(source)])),
    ...(missing.length === 0 ? {} : { missing }),
  }));
}

function plannedFor(request: string, by = untaught): readonly unknown[] {
  return callsOf(drafts(by, request, NOW)[0]?.calls ?? []);
}

const PLANS: Readonly<Record<string, readonly unknown[]>> = {
  "Count the words in README.md": [{ "fs.read": { path: "README.md" } }, { "text.count": { text: "#0" } }],
  "Read the file package.json": [{ "json.read": { path: "package.json" } }],
  "Show the last 5 git commits": [{ "git.log": { limit: 5 } }],
  "List the files in docs and count the lines of docs/api.md": [
    { "fs.list": { path: "docs" } },
    { "fs.read": { path: "docs/api.md" } },
    { "text.count": { text: "#1" } },
  ],
  "Find all TypeScript files in src": [{ "fs.glob": { pattern: "**/*.ts", path: "src" } }],
  "Read README.md and write it to copy.md": [
    { "fs.read": { path: "README.md" } },
    { "fs.write": { path: "copy.md", text: "#0" } },
  ],
  'Wrap the text "hello world this is long" at 10 characters': [
    { "text.wrap": { text: "hello world this is long", width: 10 } },
  ],
  "Fetch https://example.org/data.json and save it as data.json": [
    { "http.get": { url: "https://example.org/data.json" } },
    { "fs.write": { path: "data.json", text: "#0.body" } },
  ],
  "Replace foo by bar in notes.txt": [
    { "fs.read": { path: "notes.txt" } },
    { "text.replace": { text: "#0", find: "foo", replacement: "bar" } },
  ],
  "What changed in git since v1.0?": [{ "git.diff": { range: "v1.0..HEAD" } }],
  "Please wrap notes.txt at 60 characters and save the result to wrapped.txt": [
    { "fs.read": { path: "notes.txt" } },
    { "text.wrap": { text: "#0", width: 60 } },
    { "fs.write": { path: "wrapped.txt", text: "#1" } },
  ],
  "Copy a.txt to b.txt": [{ "fs.read": { path: "a.txt" } }, { "fs.write": { path: "b.txt", text: "#0" } }],
  "How many lines does src/main.ts have?": [{ "fs.read": { path: "src/main.ts" } }, { "text.count": { text: "#0" } }],
  "Which files are in the docs folder?": [{ "fs.list": { path: "docs" } }],
  "Read data.csv": [{ "csv.read": { path: "data.csv" } }],
  "Find all markdown files": [{ "fs.glob": { pattern: "**/*.md" } }],
  "Convert data.csv to json": [{ "csv.read": { path: "data.csv" } }],
  "Show me what is in notes.txt": [{ "fs.read": { path: "notes.txt" } }],
  "What is in data.csv?": [{ "csv.read": { path: "data.csv" } }],
};

describe("drafts by intent", () => {
  it.each(Object.entries(PLANS))("plan %j over the built-in tools", (request, calls) => {
    expect(plannedFor(request)).toEqual(calls);
  });

  it.each(["What is the capital of France?", "Tell me a joke", "Order a pizza for me", "Delete README.md"])(
    "are none of %j, which no tool does",
    (request) => {
      expect(drafts(untaught, request, NOW)).toEqual([]);
    },
  );

  it.each(Object.entries(PLANS))("of %j are what is decided on", (request, calls) => {
    const read = analysed(request, { now: NOW });
    const found = read.kind === "analysed" ? drafted(untaught, read.analysis) : undefined;
    const decision = decided(decider(untaught), { analysed: read, drafted: found, now: NOW });
    expect(decision.kind === "go" ? callsOf(decision.draft.calls) : decision).toEqual(calls);
  });

  it.each(["Convert data.csv to xml", "What is in fashion?", "Show me the way to notes.txt and beyond"])(
    "of %j are no reading of a file",
    (request) => {
      expect(drafts(untaught, request, NOW).flatMap(({ calls }) => calls.map(({ tool }) => tool))).not.toContain(
        "fs.read",
      );
    },
  );

  it("ask rather than write something else where a step between is not understood", () => {
    const calls = plannedFor("Read data.json, then extract the names and write the result to names.json");
    expect(calls.at(-1)).toEqual({
      "fs.write": { path: "names.json" },
      missing: ["text"],
    });
  });

  it("bind what people say to limits and numbers of days", () => {
    expect(plannedFor("Weather forecast for Rome for 5 days", traveller)).toEqual([
      { "weather.forecast": { city: "Rome", days: 5 } },
    ]);
    expect(plannedFor("Give me 3 news articles about tea and fetch the page", traveller)).toEqual([
      { "news.search": { query: "tea", limit: 3 } },
      { "web.fetch_page": { url: "#0.articles.*.url" } },
    ]);
  });

  it.each(Object.keys(PLANS))("of %j are plans that pass the check and the validation", (request) => {
    const [best] = drafts(untaught, request, NOW);
    const source = planSource({ name: "drafted" }, best?.calls ?? [], entries);
    const parsed = parsePlan(source, { file: "drafted", format: "json" });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
    const checked = checkPlan(parsed.source, { tools });
    if (!checked.ok) throw new Error(JSON.stringify(checked.findings));
    const granted = {
      approveIrreversible: false,
      permissions: ["fs.read", "fs.write", "net", "process"],
    };
    const findings = validated(checked.definition, {
      catalog: tools,
      granted,
    });
    expect(findings.filter(({ severity, code }) => severity === "error" && code !== "permission-missing")).toEqual([]);
  });
});

const PIECES = [
  ..."read write count wrap it the result and then , of in to a.txt https://x.test/y.json".split(" "),
  ...'"quoted" ${secrets.key} 5 last docs folder ../../etc/passwd replace by since v1.0 *.ts \n ; __proto__'.split(" "),
];

/** The same pieces in an order that follows from the seed. */
function request(seed: number): string {
  let state = seed * 2_654_435_761;
  return Array.from({ length: 3 + (seed % 20) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return PIECES[state % PIECES.length];
  }).join(" ");
}

describe("drafts of any request", () => {
  it("call tools of the catalog with arguments that they declare, and take outputs only of calls before", () => {
    const made = Array.from({ length: 120 }, (_, seed) => drafts(untaught, request(seed), NOW)).flat();
    expect(made.length).toBeGreaterThan(100);
    for (const { calls } of made)
      for (const [at, { tool, arguments: given }] of calls.entries()) {
        const declared = entries.find(({ name }) => name === tool)?.parameters.map(({ path }) => path[0]);
        expect(declared).toEqual(expect.arrayContaining(Object.keys(given)));
        for (const source of Object.values(given)) if (source.kind === "output") expect(source.call).toBeLessThan(at);
      }
  });

  it("are bounded in number and length whatever the request is", () => {
    const long = "read a.txt and wrap it and count the words of https://x.test/y.json, then ".repeat(100);
    const made = drafts(untaught, long, NOW);
    expect(made.length).toBeLessThanOrEqual(10);
    for (const { calls } of made) expect(calls.length).toBeLessThanOrEqual(48);
  });
});
