import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { assessedPlace } from "../assessed-place.ts";

const node = (script: string): readonly string[] => [process.execPath, "-e", script];

describe("a command", () => {
  it("says yes by its exit code, and no with the end of what it said", async () => {
    const place = await assessedPlace();
    expect(await place.ask({ kind: "command", run: node("") })).toMatchObject({ verdict: "met" });
    expect(await place.ask({ kind: "command", run: node("process.exit(3)"), exit: 3 })).toMatchObject({
      verdict: "met",
    });
    const no = await place.ask({ kind: "command", run: node("console.error('two lints'); process.exit(1)") });
    expect(no).toMatchObject({ verdict: "unmet", evidence: [{}, { text: "two lints" }] });
  });

  it("is held against what it prints", async () => {
    const place = await assessedPlace();
    const asked = { kind: "command", run: node("console.log('a\\nversion 7')"), stdout: "^version \\d$" };
    expect(await place.ask(asked)).toMatchObject({ verdict: "met" });
    expect(await place.ask({ ...asked, stdout: "^version x" })).toMatchObject({ verdict: "unmet" });
  });

  it("runs in the directory, with the allow-listed environment", async () => {
    const place = await assessedPlace({ "here.txt": "" });
    const script = "process.exit(require('fs').existsSync('here.txt') && !process.env.VITEST ? 0 : 1)";
    expect(await place.ask({ kind: "command", run: node(script) })).toMatchObject({ verdict: "met" });
  });

  it("that cannot be started is broken", async () => {
    const place = await assessedPlace();
    const found = await place.ask({ kind: "command", run: ["no-such-program"] });
    expect(found).toMatchObject({ verdict: "broken", code: "program-missing" });
  });
});

describe("the tests", () => {
  it("are run as the manifest says", async () => {
    const place = await assessedPlace({ "package.json": '{"scripts": {"test": "node -e 0"}}' });
    expect(await place.ask({ kind: "test" })).toMatchObject({
      verdict: "met",
      evidence: [{ text: "npm run test ended with 0" }],
    });
    await place.write("package.json", '{"scripts": {"test": "node -e process.exit(1)"}}');
    expect(await place.ask({ kind: "test" })).toMatchObject({ verdict: "unmet" });
  });

  it("that no manifest knows of are missing", async () => {
    const place = await assessedPlace({
      "package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}',
    });
    expect(await place.ask({ kind: "test" })).toMatchObject({ verdict: "unmet" });
    const make = await assessedPlace({ Makefile: "all:\n\ntest: all\n\ttrue\n" });
    expect(await make.ask({ kind: "test" })).toMatchObject({ evidence: [{ text: "make test ended with 0" }] });
  });
});

describe("files", () => {
  it("are there or not, and have something in them", async () => {
    const place = await assessedPlace({ LICENSE: "MIT", "a/b.ts": "", ".ci/run": "x" });
    expect(await place.ask({ kind: "file", files: "LICENSE" })).toMatchObject({
      verdict: "met",
      evidence: [{ path: "LICENSE" }],
    });
    expect(await place.ask({ kind: "file", files: "LICENSE", minBytes: 10 })).toMatchObject({ verdict: "unmet" });
    expect(await place.ask({ kind: "file", files: [".ci/*", ".github/**"] })).toMatchObject({ verdict: "met" });
    expect(await place.ask({ kind: "file", files: "COPYING" })).toMatchObject({ verdict: "unmet" });
    expect(await place.ask({ kind: "file", files: "**/*.ts", exists: false })).toMatchObject({
      ...{ verdict: "unmet", evidence: [{ path: "a/b.ts" }] },
    });
    expect(await place.ask({ kind: "file", files: ["**/*.ts", "!a/**"], exists: false })).toMatchObject({
      verdict: "met",
    });
  });

  it("that are ignored are seen by their names alone", async () => {
    const place = await assessedPlace({ ".gitignore": ".env\n", ".env": "KEY=1" });
    expect(await place.ask({ kind: "file", files: ".env", exists: false })).toMatchObject({ verdict: "unmet" });
    expect(await place.ask({ kind: "pattern", files: "**", matches: "KEY", found: "nowhere" })).toMatchObject({
      verdict: "met",
    });
  });
});

describe("a pattern", () => {
  it("is found somewhere, everywhere or nowhere, with the line", async () => {
    const place = await assessedPlace({ "a.md": "# A\n\n## Usage\n", "b.md": "# B\n" });
    const usage = { kind: "pattern", files: "*.md", matches: "^## Usage$" };
    expect(await place.ask(usage)).toMatchObject({ verdict: "met", evidence: [{ path: "a.md", line: 3 }] });
    expect(await place.ask({ ...usage, found: "everywhere" })).toMatchObject({
      verdict: "unmet",
      evidence: [{ path: "b.md" }],
    });
    expect(await place.ask({ ...usage, found: "nowhere" })).toMatchObject({
      verdict: "unmet",
      evidence: [{ path: "a.md", line: 3 }],
    });
    expect(await place.ask({ ...usage, matches: "^# ", found: "everywhere" })).toMatchObject({ verdict: "met" });
  });

  it("does not repeat what it found: it may be a key", async () => {
    const place = await assessedPlace({ "a.txt": `key = ${["AK", "IA1234567890ABCDEF"].join("")}` });
    const found = await place.ask({ kind: "pattern", files: "*", matches: "AKIA[0-9A-Z]{16}", found: "nowhere" });
    expect(JSON.stringify(found)).not.toContain("AKIA");
  });
});

describe("a document", () => {
  const holds = "document.a.b == 7";

  it.each([
    ["x.json", '{"a": {"b": 7}}'],
    ["x.yaml", "a: { b: 7 }"],
    ["x.toml", "[a]\nb = 7\nat = 2024-01-01T00:00:00Z\n"],
  ])("is asked a condition: %s", async (file, text) => {
    const place = await assessedPlace({ [file]: text });
    expect(await place.ask({ kind: "json", file, holds })).toMatchObject({ verdict: "met" });
    expect(await place.ask({ kind: "json", file, holds: "document.a.b > 7" })).toMatchObject({ verdict: "unmet" });
    expect(await place.ask({ kind: "json", file, holds: "document.c.d == 1" })).toMatchObject({ verdict: "unmet" });
  });

  it("that cannot be read is broken, one that is not there is missing", async () => {
    const place = await assessedPlace({ "x.json": "{", "x.toml": "a = \nb" });
    expect(await place.ask({ kind: "json", file: "x.json", holds })).toMatchObject({ code: "document-unreadable" });
    expect(await place.ask({ kind: "json", file: "x.toml", holds })).toMatchObject({
      ...{ code: "document-unreadable", evidence: [{ path: "x.toml", line: 1 }] },
    });
    expect(await place.ask({ kind: "json", file: "y.json", holds })).toMatchObject({ verdict: "unmet" });
  });
});

describe("a syntax tree", () => {
  const deletes = { kind: "ast", files: "**/*.{ts,tsx,js}", selector: "CallExpression[expression.name.name=/^del/]" };

  it("is searched by a selector, with the line", async () => {
    const place = await assessedPlace({
      "a.ts": "// x.delete()\nconst text = 'x.delete()';\n",
      "b.tsx": "const y = <b/>;\n\nx.delete<T>();\n",
    });
    expect(await place.ask(deletes)).toMatchObject({ verdict: "met", evidence: [{ path: "b.tsx", line: 3 }] });
    expect(await place.ask({ ...deletes, found: "nowhere" })).toMatchObject({ verdict: "unmet" });
    expect(await place.ask({ ...deletes, found: "everywhere" })).toMatchObject({ evidence: [{ path: "a.ts" }] });
  });

  it("does not let a pattern in a selector run for long", async () => {
    const place = await assessedPlace({ "a.ts": `const ${"a".repeat(5_000)}b = 1;` });
    const found = await place.ask({ ...deletes, selector: "Identifier[name=/^(a+)+$/]" });
    expect(found).toMatchObject({ verdict: "unmet" });
  });

  it("that is asked in words that are none is broken", async () => {
    const place = await assessedPlace({ "a.ts": "1" });
    for (const selector of ["CallExpresion", "A[", `${":not(".repeat(50)}Identifier${")".repeat(50)}`]) {
      expect(await place.ask({ ...deletes, selector })).toMatchObject({ verdict: "broken", code: "bad-selector" });
    }
  });
});

describe("an address", () => {
  const serving = async (status: number, body = ""): Promise<string> => {
    const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  const private_ = { allowPrivateNetwork: true };

  it("answers with the status and the body that are wanted, or not", async () => {
    const place = await assessedPlace();
    const url = await serving(200, "healthy\n");
    expect(await place.ask({ kind: "http", url, body: "^healthy$" }, private_)).toMatchObject({
      verdict: "met",
      cached: false,
    });
    expect(await place.ask({ kind: "http", url, body: "^ill$" }, private_)).toMatchObject({ verdict: "unmet" });
    expect(await place.ask({ kind: "http", url, status: 204 }, private_)).toMatchObject({ verdict: "unmet" });
    const missing = await serving(404);
    expect(await place.ask({ kind: "http", url: missing, status: 404 }, private_)).toMatchObject({ verdict: "met" });
    expect(await place.ask({ kind: "http", url: missing }, private_)).toMatchObject({ verdict: "unmet" });
  });

  it("that is private needs the grant", async () => {
    const place = await assessedPlace();
    const url = await serving(200);
    expect(await place.ask({ kind: "http", url })).toMatchObject({ verdict: "broken", code: "private-address" });
  });

  it("at which nobody answers says no; one that never ends is broken", async () => {
    const place = await assessedPlace();
    expect(await place.ask({ kind: "http", url: "http://127.0.0.1:1/" }, private_)).toMatchObject({ verdict: "unmet" });
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    onTestFinished(() => server.closeAllConnections());
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await place.ask({ kind: "http", url, timeoutMs: 50 }, private_)).toMatchObject({ code: "check-timeout" });
  });
});
