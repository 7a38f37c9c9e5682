import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineTool, ToolFailure } from "#src/tools/define.ts";
import { registry, type ToolSource } from "#src/tools/registry.ts";
import { secret } from "#src/tools/secret.ts";

const echo = (name: string, sideEffects: "read" | "write" = "read") =>
  defineTool({
    name,
    version: "1.0.0",
    description: "returns its text",
    input: z.strictObject({ text: z.string(), times: z.int().default(1) }),
    output: z.string(),
    sideEffects,
    run: ({ text, times }) => text.repeat(times),
  });

describe("a defined tool", () => {
  it("carries the JSON Schema of arguments before defaults", () => {
    expect(echo("a.b").inputSchema).toMatchObject({
      type: "object",
      required: ["text"],
      additionalProperties: false,
      properties: { times: { type: "integer", default: 1 } },
    });
    expect(echo("a.b").outputSchema).toMatchObject({ type: "string" });
  });

  it("is idempotent when it only reads, unless it says otherwise", () => {
    expect(echo("a.b", "read").idempotent).toBe(true);
    expect(echo("a.b", "write").idempotent).toBe(false);
    expect(defineTool({ ...echo("a.b", "write"), idempotent: true }).idempotent).toBe(true);
  });

  it.each([
    ["Upper.case", "1.0.0", undefined],
    ["a.b", "1", undefined],
    ["a.b", "1.0.0", 0],
  ])("is refused as %s %s with timeout %s", (name, version, timeoutMs) => {
    const broken = { ...echo("a.b"), name, version, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    expect(() => defineTool(broken)).toThrow(TypeError);
  });

  it.each([
    [{ cost: { amount: -1, unit: "USD" } }, /cost is an amount/],
    [{ cost: { amount: 1, unit: "" } }, /cost is an amount/],
    [{ permissions: ["mail send"] }, /permissions are names/],
    [{ preconditions: ["File exists"] }, /preconditions are lower-case terms/],
    [{ effects: ["not not open"] }, /effects are lower-case terms/],
    [{ domains: Array.from({ length: 51 }, () => "weather") }, /more than 50 domains/],
  ])("is refused with traits such as %j", (traits, rule) => {
    expect(() => defineTool({ ...echo("a.b"), ...traits })).toThrow(rule);
  });

  it("keeps what it says of itself", () => {
    const traits = { domains: ["text"], cost: { amount: 3, unit: "tokens" }, effects: ["text-known", "not text-lost"] };
    expect(defineTool({ ...echo("a.b"), ...traits })).toMatchObject(traits);
  });

  it("is refused with a module that is no URL", () => {
    expect(() => defineTool({ ...echo("a.b"), module: "./tools.ts" })).toThrow(/import\.meta\.url/);
    expect(defineTool({ ...echo("a.b"), module: import.meta.url }).module).toBe(import.meta.url);
  });

  it("is refused when a schema has no JSON Schema", () => {
    const broken = { ...echo("a.b"), input: z.object({ at: z.date() }), run: () => "" };
    expect(() => defineTool(broken)).toThrow(/a\.b: its input schema/);
  });

  it("names the places of its secrets, in maps, lists and alternatives too", () => {
    const tool = defineTool({
      name: "needs.secrets",
      version: "1.0.0",
      description: "",
      input: z.strictObject({
        token: secret("the token"),
        plain: z.string(),
        headers: z.record(z.string(), z.union([z.string(), secret()])),
        keys: z.array(z.object({ key: secret().optional() })),
      }),
      output: z.null(),
      sideEffects: "read",
      run: () => null,
    });
    expect(tool.secretPaths).toEqual([
      { path: ["token"], orText: false },
      { path: ["headers", "*"], orText: true },
      { path: ["keys", "*", "key"], orText: false },
    ]);
  });
});

describe("a secret field", () => {
  it("accepts a reference and refuses a value without repeating it", () => {
    expect(secret().safeParse({ $secret: "TOKEN" }).success).toBe(true);
    const refused = secret().safeParse("hunter2hunter2");
    expect(refused.error?.message).toContain("by reference");
    expect(refused.error?.message).not.toContain("hunter2");
  });
});

describe("a tool failure", () => {
  it("has its category as code unless it says otherwise", () => {
    expect(new ToolFailure("quota", "no more").code).toBe("quota");
    expect(new ToolFailure("quota", "no more", { code: "daily" }).code).toBe("daily");
  });
});

describe("the registry", () => {
  const tools = registry([echo("git.log"), echo("fs.read"), echo("text.wrap")]);

  it("finds a tool by name and lists all by name", () => {
    expect(tools.get("git.log")?.name).toBe("git.log");
    expect(tools.get("git.lgo")).toBeUndefined();
    expect(tools.list().map(({ name }) => name)).toEqual(["fs.read", "git.log", "text.wrap"]);
  });

  it.each([
    ["git.lgo", "git.log"],
    ["fsread", "fs.read"],
    ["Text.Wrap", "text.wrap"],
    ["kubernetes.apply", undefined],
    ["", undefined],
  ])("offers for %j the name %j", (typed, meant) => {
    expect(tools.nearest(typed)).toBe(meant);
  });

  it("refuses two tools of one name", () => {
    expect(() => registry([echo("a.b"), echo("a.b")])).toThrow("two tools are named a.b");
  });
});

describe("a registry with sources outside", () => {
  const outside: Record<string, ReturnType<typeof echo>> = {};
  const source: ToolSource = {
    get: (name) => outside[name],
    list: () => Object.values(outside),
    absence: (name) =>
      name.startsWith("web.") ? { category: "unavailable", code: "source-unavailable", message: "away" } : undefined,
  };
  const known = registry([echo("fs.read")], [source]);

  it("answers with what is there now", () => {
    expect(known.get("web.get")).toBeUndefined();
    outside["web.get"] = echo("web.get");
    expect(known.get("web.get")).toBe(outside["web.get"]);
    expect(known.list().map(({ name }) => name)).toEqual(["fs.read", "web.get"]);
    expect(known.nearest("web.got")).toBe("web.get");
  });

  it("lets no source take the place of its own tools", () => {
    outside["fs.read"] = echo("fs.read", "write");
    expect(known.get("fs.read")?.sideEffects).toBe("read");
    expect(known.list().filter(({ name }) => name === "fs.read")).toHaveLength(1);
  });

  it("says why a tool of a source is not there, and nothing of others", () => {
    expect(known.absence("web.put")?.code).toBe("source-unavailable");
    expect(known.absence("git.log")).toBeUndefined();
  });
});
