import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allOperations } from "#src/api/client.ts";
import { ask } from "./raw-request.ts";
import { served, type Served } from "./served.ts";

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

interface Described {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly properties: object } }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

let there: Served;
let document: Document;

beforeAll(async () => {
  there = await served();
  document = (await ask(`${there.url}/openapi.json`)).body as Document;
});
afterAll(() => there[Symbol.asyncDispose]());

describe("the OpenAPI document", () => {
  it("has every operation once, at its route, with its input where HTTP has it", () => {
    expect(document.openapi).toBe("3.1.0");
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, it]) => ({ route: `${method.toUpperCase()} ${path}`, it })),
    );
    expect(described.map(({ it, route }) => [it.operationId, route]).toSorted()).toEqual(
      allOperations()
        .map(([name, { route }]) => [name, route])
        .toSorted(),
    );
    for (const { route, it } of described) {
      const inPath = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = it.parameters.filter((one) => one.in === "path");
      expect(parameters.map(({ name, required }) => [name, required])).toEqual(inPath.map((name) => [name, true]));
      const body = Object.keys(it.requestBody?.content["application/json"]?.schema.properties ?? {});
      const others = it.parameters.filter((one) => one.in === "query").map(({ name }) => name);
      const operation = allOperations().find(([name]) => name === it.operationId)![1];
      expect([...inPath, ...body, ...others].toSorted()).toEqual(Object.keys(operation.input.shape).toSorted());
      expect(it.responses).toMatchObject({ "200": {}, default: { $ref: "#/components/responses/Problem" } });
    }
  });

  it("refers to nothing that it does not have", () => {
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, ref = ""]) => ref.split("/"));
    expect(refs.length).toBeGreaterThan(0);
    for (const ref of refs) {
      const found = ref.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
      expect(found, ref.join("/")).toBeDefined();
    }
  });
});
