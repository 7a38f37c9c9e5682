// A secret on every way that it could leave by: searched for in every byte of the store's folder, in every answer of every
// door, in what is streamed and in what is logged, as it is and in the forms that texts take on their way.
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Client } from "#src/api/client.ts";
import { openPlanwright, type Planwright } from "#src/compose.ts";
import type { Log } from "#src/ports/log.ts";
import { memorySecrets } from "#src/secrets/memory.ts";
import { secretsFrom } from "#src/secrets/source.ts";
import { defineTool, ToolFailure } from "#src/tools/define.ts";
import { secret } from "#src/tools/secret.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";

const VALUE = 's3cr3t "value"/of+the\\test&ü';
/** Something that is no secret and goes the same ways: a search that does not find it finds nothing. */
const CONTROL = 'c0ntr0l "value"/of+the\\test&ü';

/** A text as it is, and as it would stand in JSON, a URL, a form, base64 or hex. */
function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const escaped = JSON.stringify(text).slice(1, -1);
  return [
    text,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    encodeURIComponent(text),
    new URLSearchParams({ a: text }).toString().slice(2),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ];
}

const careless = defineTool({
  name: "careless.tell",
  version: "1.0.0",
  description: "Says its secret wherever it can.",
  input: z.strictObject({ token: secret(), way: z.enum(["output", "failure", "throw"]), note: z.string() }),
  output: z.unknown(),
  sideEffects: "read",
  run: async ({ token, way, note }, { secret: reveal, log, progress }) => {
    const value = await reveal(token);
    log(`using ${value}`, { value, nested: [{ [value]: value }], note });
    progress({ percent: 50, message: `half of ${value}; ${note}` });
    const told = { value, inside: `a ${value} b`, [`key ${value}`]: [value], note };
    if (way === "failure") throw new ToolFailure("validation", `refused ${value}; ${note}`, { details: told });
    if (way === "throw") throw new Error(`broken by ${value}; ${note}`, { cause: new Error(value) });
    return told;
  },
});

const echo = createServer((request, response) => {
  const { authorization = "" } = request.headers;
  response.statusCode = request.url === "/refused" ? 401 : 200;
  response.setHeader("x-echo", authorization).end(`you are ${Buffer.from(authorization, "latin1").toString()}`);
});

const SCRIPT =
  "console.log(process.env.TOKEN); console.error('with ' + process.env.TOKEN); process.exit(Number(process.argv[1]))";

function plan(port: number): string {
  const token = { $secret: "TOKEN" };
  const careful = (way: string) => ({ tool: "careless.tell", with: { token, way, note: CONTROL }, retry: 1 });
  const shell = (code: string, more: object = {}) => ({
    tool: "shell.run",
    with: { command: process.execPath, args: ["-e", SCRIPT, code, CONTROL], env: { TOKEN: token } },
    ...more,
  });
  return JSON.stringify({
    plan: "secretive",
    onFailure: "continue",
    inputs: { key: { secret: true, default: token } },
    steps: {
      output: careful("output"),
      failure: careful("failure"),
      throwing: careful("throw"),
      header: {
        tool: "http.get",
        with: { url: `http://127.0.0.1:${port}/`, headers: { authorization: { $secret: "PLAIN" } } },
      },
      refused: {
        tool: "http.get",
        with: { url: `http://127.0.0.1:${port}/refused`, headers: { authorization: { $secret: "PLAIN" } } },
      },
      latin: {
        tool: "http.get",
        with: { url: `http://127.0.0.1:${port}/`, headers: { authorization: token } },
        retry: 1,
      },
      shell: shell("0"),
      exits: shell("3"),
      apart: shell("3", { isolate: "process" }),
      given: { tool: "careless.tell", with: { token: "${inputs.key}", way: "output", note: CONTROL } },
      missing: { tool: "careless.tell", with: { token: { $secret: "NONE" }, way: "output", note: "" }, retry: 1 },
      after: { value: "${[steps.output.output, steps.shell.output, steps.given.output]}" },
    },
    respond: "${steps.after.output}",
  });
}

/** A header takes no other characters. */
const PLAIN = "Bearer pl4in-s3cr3t-v4lue";

let folder: TemporaryFolder;
let planwright: Planwright;
const said: string[] = [];
const answers: string[] = [];

const log: Log = Object.fromEntries(
  ["debug", "info", "warn", "error"].map((level) => [
    level,
    (message: string, fields: object = {}) =>
      said.push(
        message,
        JSON.stringify(fields),
        ...Object.values(fields).map((field) => (field instanceof Error ? `${field.stack}` : "")),
      ),
  ]),
) as unknown as Log;

beforeAll(async () => {
  folder = await temporaryFolder();
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const address = echo.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  planwright = await openPlanwright({
    store: path.join(folder.path, "store"),
    root: folder.path,
    allowPrivateNetwork: true,
    tools: [careless],
    secrets: secretsFrom(
      memorySecrets(
        new Map([
          ["TOKEN", VALUE],
          ["PLAIN", PLAIN],
        ]),
      ),
    ),
    log,
  });
  planwright.engine.onLive((message) => answers.push(JSON.stringify(message)));
  const { client } = planwright;
  const { plan: id } = await client.submit({ source: plan(port), key: "once" });
  await client.wait({ plan: id, timeoutMs: 60_000 });
  answers.push(...(await everything(client, id)));
}, 90_000);

afterAll(async () => {
  await planwright[Symbol.asyncDispose]();
  echo.close();
  await folder[Symbol.asyncDispose]();
});

/** What any reader of the plan is given. */
async function everything(client: Client, id: string): Promise<readonly string[]> {
  const of = { plan: id };
  const read = await Promise.all([
    client.get(of),
    client.steps({ ...of, inside: "all" }),
    client.timing(of),
    client.definition(of),
    client.history({ ...of, limit: 2_000 }),
    client.why(of),
    client.cost(of),
    client.timers(of),
    client.approvals(of),
    client.preview(of),
    client.list({}),
    client.tools({}),
    client.toolStatistics({}),
    client.examination({}),
    client.status({}),
    client.quarantined({}),
  ]);
  return read.map((answer) => JSON.stringify(answer));
}

function bytesOfStore(): readonly Buffer[] {
  return readdirSync(path.join(folder.path, "store"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)));
}

const within = (texts: readonly (string | Buffer)[], text: string): boolean =>
  texts.some((each) => each.includes(text));

describe("a secret", () => {
  it("has gone every way: each step ran, or failed as it was to", async () => {
    const states = Object.fromEntries(
      (await planwright.client.steps({ plan: "last" })).steps.map(({ step, state }) => [step, state]),
    );
    expect(states).toEqual({
      ...{ output: "succeeded", failure: "failed", throwing: "failed", header: "succeeded", refused: "failed" },
      ...{ latin: "succeeded", shell: "succeeded", exits: "failed", apart: "failed", given: "succeeded" },
      ...{ missing: "failed", after: "succeeded" },
    });
  });

  it.each([
    ["with quotes, slashes and letters beyond ASCII", VALUE],
    ["of a header", PLAIN],
  ])("stands in no fact, file, answer, stream or log, in no form: %s", (_, value) => {
    for (const form of formsOf(value)) {
      expect(within(bytesOfStore(), form), `the store has ${form}`).toBe(false);
      expect(within(answers, form), `an answer has ${form}`).toBe(false);
      expect(within(said, form), `the log has ${form}`).toBe(false);
    }
  });

  it("is found where it is searched for: what is no secret has gone the same ways, and is there", () => {
    const escaped = JSON.stringify(CONTROL).slice(1, -1);
    expect(within(bytesOfStore(), escaped)).toBe(true);
    expect(within(answers, escaped)).toBe(true);
    expect(within(bytesOfStore(), "[secret]")).toBe(true);
    expect(answers.filter((answer) => answer.includes("[secret]")).length).toBeGreaterThan(5);
  });
});
