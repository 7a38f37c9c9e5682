import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import process from "node:process";
import { stringify } from "yaml";
import { describe, expect, it, onTestFinished } from "vitest";
import type { OpenApiSettings } from "#src/sources/settings.ts";
import { runTool } from "#src/tools/run.ts";
import { contextOf, outputOf, temporaryDirectory } from "../tools/context.ts";
import { opened } from "./opened.ts";

const open = { allowPrivateNetwork: true };

const pet = { $ref: "#/components/schemas/Pet" };
const jsonOf = (schema: unknown) => ({ content: { "application/json": { schema } } });

const PETS = {
  openapi: "3.0.3",
  info: { title: "Pets", version: "1.4.0" },
  paths: {
    "/pets": {
      get: {
        operationId: "listPets",
        summary: "Lists pets.\u001b[2J",
        parameters: [
          { name: "tag", in: "query", schema: { type: "array", items: { type: "string" } } },
          { name: "x-trace", in: "header", schema: { type: "string" } },
        ],
        responses: { 200: jsonOf({ type: "array", items: pet }) },
      },
      post: {
        operationId: "addPet",
        requestBody: { required: true, ...jsonOf({ $ref: "#/components/schemas/NewPet" }) },
        responses: { 201: jsonOf(pet) },
      },
    },
    "/pets/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
      get: { responses: { 200: jsonOf(pet) } },
      put: { operationId: "setPet", requestBody: { required: true, ...jsonOf(pet) }, responses: { 204: {} } },
      delete: { operationId: "dropPet", responses: { default: {} } },
    },
    "/upload": {
      post: { operationId: "upload", requestBody: { required: true, content: { "image/png": {} } }, responses: {} },
    },
    "/broken": { get: { operationId: "broken", responses: { 200: jsonOf({ $ref: "other.yaml#/Pet" }) } } },
  },
  components: {
    schemas: {
      NewPet: {
        type: "object",
        required: ["name"],
        properties: { name: { type: "string" }, age: { type: "integer" } },
      },
      Pet: {
        type: "object",
        required: ["id", "name"],
        properties: {
          id: { type: "string" },
          name: { type: "string" },
          parent: { ...pet },
          note: { type: "string", nullable: true },
        },
      },
    },
  },
};

type Listener = (request: IncomingMessage & { body: string }, response: ServerResponse) => void;

async function served(listener: Listener): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => listener(Object.assign(request, { body }), response));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

/** Answers with what it was asked. */
const echo: Listener = (request, response) => {
  const { method, url, headers, body } = request;
  const said = JSON.stringify({ method, url, headers, body });
  response.setHeader("content-type", "application/json").end(JSON.stringify({ id: "1", name: said }));
};

async function pets(listener: Listener, rest: Partial<OpenApiSettings> = {}, document: object = PETS) {
  const file = path.join(await temporaryDirectory(), "pets.yaml");
  await writeFile(file, stringify(document));
  return opened({ openapi: { pets: { document: file, server: `${await served(listener)}/v1/`, ...rest } } });
}

const askedFrom = (output: unknown): unknown => JSON.parse((output as { name: string }).name);

describe("operations of an OpenAPI document", () => {
  it("are tools with the side effects of their methods; what cannot be called is named", async () => {
    const { tools, problems } = await pets(echo);
    const shown = tools.list().map((tool) => `${tool.name} ${tool.sideEffects} ${tool.idempotent}`);
    expect(shown).toEqual([
      "pets.add_pet write false",
      "pets.drop_pet write true",
      "pets.get_pets_id read true",
      "pets.list_pets read true",
      "pets.set_pet write true",
    ]);
    expect(problems).toEqual([
      expect.stringMatching(/openapi pets: POST \/upload: its body is not JSON/),
      expect.stringMatching(/openapi pets: GET \/broken: its schema/),
    ]);
    const tool = tools.get("pets.list_pets");
    expect(tool?.version).toMatch(/^1\.4\.0-schema\./);
    expect(tool?.description).toBe("Lists pets.[2J");
  });

  it("take parameters and body side by side, each to its place", async () => {
    const { tool } = await pets(echo);
    const added = askedFrom(await outputOf(tool("pets.add_pet"), { name: "Rex", age: 3 }, open));
    expect(added).toMatchObject({ method: "POST", url: "/v1/pets", body: '{"name":"Rex","age":3}' });
    expect(added).toMatchObject({ headers: { "idempotency-key": "plan/step", "content-type": "application/json" } });
    const got = askedFrom(await outputOf(tool("pets.get_pets_id"), { id: "../a b?c" }, open));
    expect(got).toMatchObject({ method: "GET", url: "/v1/pets/..%2Fa%20b%3Fc" });
    const set = { id: "7", body: { id: "7", name: "Rex", parent: { id: "1", name: "Ada" }, note: null } };
    expect(await outputOf(tool("pets.set_pet"), set, open)).toMatchObject({ id: "1" });
  });

  it("send lists and headers, and check what comes back", async () => {
    const { tool } = await pets((request, response) => {
      const url = new URL(request.url ?? "", "http://h");
      const list = url.searchParams.getAll("tag").map((tag) => ({ id: tag, name: String(request.headers["x-trace"]) }));
      response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify(list.length === 0 ? [{ id: 1 }] : list));
    });
    const list = tool("pets.list_pets");
    expect(await outputOf(list, { tag: ["a", "b"], "x-trace": "t" }, open)).toEqual([
      { id: "a", name: "t" },
      { id: "b", name: "t" },
    ]);
    await expect(outputOf(list, {}, open)).rejects.toThrow(/validation output-mismatch/);
  });

  it("refuse arguments that do not fit before anything is sent", async () => {
    let asked = 0;
    const { tool } = await pets(() => {
      asked += 1;
    });
    for (const [name, args] of [
      ["pets.add_pet", {}],
      ["pets.add_pet", { name: "Rex", age: "three" }],
      ["pets.get_pets_id", { id: "7", more: 1 }],
      ["pets.get_pets_id", { id: ".." }],
    ] as const)
      expect(await runTool(tool(name), args, contextOf(open))).toMatchObject({ error: { category: "validation" } });
    expect(asked).toBe(0);
  });

  it.each([
    [{ bearer: { env: "PETS_KEY" } }, (request: IncomingMessage) => request.headers.authorization],
    [
      { basic: { user: "ada", password: { env: "PETS_KEY" } } },
      (request: IncomingMessage) => request.headers.authorization,
    ],
    [
      { apiKey: { name: "x-key", in: "header", value: { env: "PETS_KEY" } } },
      (request: IncomingMessage) => request.headers["x-key"],
    ],
    [{ apiKey: { name: "key", in: "query", value: { env: "PETS_KEY" } } }, (request: IncomingMessage) => request.url],
  ] as const)("are authorized by %j, and no secret comes back", async (auth, seen) => {
    process.env["PETS_KEY"] = "s3cret key/+";
    const { tool } = await pets(
      (request, response) => {
        const json = response.setHeader("content-type", "application/json");
        if (request.method === "GET") json.writeHead(404).end(`no ${String(seen(request))}`);
        else json.end(JSON.stringify({ id: "1", name: String(seen(request)) }));
      },
      { auth },
    );
    const added = JSON.stringify(await outputOf(tool("pets.add_pet"), { name: "a" }, open));
    const failed = JSON.stringify(await runTool(tool("pets.get_pets_id"), { id: "1" }, contextOf(open)));
    expect(failed).toContain("http-404");
    for (const text of [added, failed]) {
      expect(text).toContain("[secret]");
      expect(text).not.toMatch(/s3cret|czNjcmV0|YWRhOn/);
    }
  });

  it("keep to public addresses unless the private network is allowed", async () => {
    const { tool } = await pets(echo);
    await expect(outputOf(tool("pets.get_pets_id"), { id: "1" })).rejects.toThrow(/permission private-address/);
  });

  it("leave open what was done where nobody answered", async () => {
    const { tool } = await pets((request) => request.socket.destroy());
    const outcome = await runTool(tool("pets.add_pet"), { name: "a" }, contextOf(open));
    expect(outcome).toMatchObject({ ok: false, isSilent: true, error: { category: "unavailable" } });
  });

  it("follow no redirect with what they write", async () => {
    const { tool } = await pets((_request, response) => void response.writeHead(307, { location: "/other" }).end());
    await expect(outputOf(tool("pets.add_pet"), { name: "a" }, open)).rejects.toThrow(/http-307/);
  });
});

describe("a document that cannot be used", () => {
  it.each([
    [{ openapi: "2.0" }, /is no OpenAPI 3\.0 or 3\.1/],
    [{ openapi: "3.1.0" }, undefined],
  ])("%j is a problem, if it is one", async (document, problem) => {
    const { problems, tools } = await pets(echo, {}, document);
    expect(problems).toEqual(problem === undefined ? [] : [expect.stringMatching(problem)]);
    expect(tools.absence("pets.a")?.code).toBe(problem === undefined ? undefined : "source-unavailable");
  });

  it("is one that is not there, at an address or in a file", async () => {
    const url = await served((_request, response) => void response.writeHead(404).end());
    const { problems } = await opened({ openapi: { a: { document: "/no/such/file" }, b: { document: url } } });
    expect(problems).toEqual([
      expect.stringMatching(/^openapi a cannot be used: \/no\/such\/file cannot be read/),
      expect.stringMatching(/^openapi b cannot be used: GET .* answered 404/),
    ]);
  });
});
