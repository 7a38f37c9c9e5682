import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Fault } from "#events/fault.ts";
import type { ModelFailure } from "#src/ports/model.ts";
import { modelContract, type ModelDeed } from "../contracts/model.ts";
import { HELLO, KEY, modelAt, talk } from "./kit.ts";
import { peer, PROVIDERS, type PeerAct } from "./peer.ts";

const SCHEMA = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer" } },
  required: ["name"],
  additionalProperties: false,
};

function actOf(deed: ModelDeed): PeerAct {
  if ("says" in deed) return { text: deed.says };
  return "cuts" in deed ? { text: deed.cuts, finish: "length" } : { hangs: true };
}

async function failureOf(provider: (typeof PROVIDERS)[number], act: PeerAct): Promise<ModelFailure> {
  const { answer } = await talk(provider, act);
  if (answer.ok) throw new Error("the model has answered");
  return answer.failure;
}

describe.each(PROVIDERS)("a model by the protocol of %s", (provider) => {
  modelContract(async (deed) => {
    const served = await peer([actOf(deed)]);
    return modelAt(served.settings(provider));
  });

  it("sends key, prompt and limit where and how its server wants them", async () => {
    const { peer: served } = await talk(provider, { text: "Hello" });
    const [request] = served.requests;
    expect(request?.url).toContain("/v1/");
    expect(JSON.stringify(request?.headers)).toContain(KEY);
    expect(JSON.stringify(request?.body)).toContain("Say hello.");
    expect(JSON.stringify(request?.body)).toContain("Be short.");
    expect(JSON.stringify(request?.body)).toMatch(/"max\w*":100/i);
    expect(JSON.stringify(request?.body)).not.toContain(KEY);
  });

  it("counts what the server counts", async () => {
    const { answer } = await talk(provider, { text: "Hello" });
    expect(answer.usage).toEqual({ inputTokens: 11, outputTokens: 5, isEstimated: false });
  });

  it.each([true, false])("asks for JSON of a schema (streamed: %s)", async (stream) => {
    const served = await peer([{ text: '{"name":"Ada"}' }]);
    const asked = { ...HELLO, form: { kind: "json", schema: SCHEMA } } as const;
    const { signal } = new AbortController();
    const answer = await modelAt(served.settings(provider, { stream })).generate(asked, { signal });
    expect(answer).toMatchObject({ ok: true, text: '{"name":"Ada"}', finish: "stop" });
    expect(JSON.stringify(served.requests[0]?.body)).toContain('"age"');
  });

  it.each<[PeerAct, string, ModelFailure["category"]]>([
    [{ status: 429, headers: { "retry-after": "7" } }, "model-rate-limited", "rate-limited"],
    [
      { status: 429, body: { error: { message: "You exceeded your quota", code: "insufficient_quota" } } },
      "model-quota-spent",
      "quota",
    ],
    [{ status: 401 }, "model-key-refused", "authentication"],
    [{ status: 403 }, "model-forbidden", "permission"],
    [{ status: 404 }, "model-unknown", "not-found"],
    [{ status: 400 }, "model-request-refused", "validation"],
    [{ status: 413 }, "model-prompt-too-large", "resource-exhausted"],
    [{ status: 500 }, "model-unavailable", "unavailable"],
    [{ status: 503 }, "model-unavailable", "unavailable"],
    [{ status: 529 }, "model-unavailable", "unavailable"],
    [{ status: 504 }, "model-timed-out", "timeout"],
    [{ status: 302, headers: { location: "http://127.0.0.1:9/" } }, "model-request-refused", "validation"],
    [{ text: "", finish: "filter" }, "model-refused", "permission"],
    [{ text: "" }, "model-answer-empty", "unavailable"],
    [{ breaksAfter: "some text that" }, "model-answer-interrupted", "unavailable"],
    [{ stopsAfter: "some text that" }, "model-answer-interrupted", "unavailable"],
    [{ failsAfter: "some", type: "overloaded_error", message: "Overloaded" }, "model-unavailable", "unavailable"],
    [{ raw: "nonsense" }, "model-answer-interrupted", "unavailable"],
    [{ raw: "data: {nonsense\n\n" }, "model-answer-interrupted", "unavailable"],
    [{ raw: "<html>Log in</html>", contentType: "text/html" }, "model-answer-interrupted", "unavailable"],
    [{ endless: "abcdefgh" }, "model-answer-endless", "resource-exhausted"],
  ])("answers %j by the failure %s", async (act, code, category) => {
    const failure = await failureOf(provider, act);
    expect(failure).toMatchObject({ code, category });
    expect(failure.message).not.toContain(KEY);
    expect(Buffer.byteLength(failure.message)).toBeLessThanOrEqual(1_024);
  });

  it("leaves the server alone for as long as it asks to be", async () => {
    expect(await failureOf(provider, { status: 429, headers: { "retry-after": "7" } })).toMatchObject({
      retryAfterMs: 7_000,
    });
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.5s" }];
    const body = { error: { code: 429, message: "Slow down", status: "RESOURCE_EXHAUSTED", details } };
    expect(await failureOf(provider, { status: 429, body })).toMatchObject({ retryAfterMs: 34_000 });
  });

  it("counts nothing for a request that was refused, and something for an answer that broke", async () => {
    const refused = await talk(provider, { status: 429 });
    expect(refused.answer.usage).toEqual({ inputTokens: 0, outputTokens: 0, isEstimated: false });
    const broken = await talk(provider, { breaksAfter: "some text that" });
    expect(broken.answer.usage).toMatchObject({ outputTokens: 4, isEstimated: true });
  });

  it("ends the connection of an answer that does not end", async () => {
    const { peer: served } = await talk(provider, { endless: "abcdefgh" });
    await vi.waitFor(() => expect(served.abandoned()).toBe(1));
  });

  it("ends the connection with the signal, in the middle of an answer", async () => {
    const served = await peer([{ endless: "abcdefgh" }]);
    const stop = new AbortController();
    const asked = { ...HELLO, maxOutputTokens: 100_000 };
    const answering = modelAt(served.settings(provider)).generate(asked, {
      signal: stop.signal,
      onText: () => stop.abort(new Error("enough")),
    });
    await expect(answering).rejects.toThrow("enough");
    await vi.waitFor(() => expect(served.abandoned()).toBe(1));
  });

  it("says its key to nobody, even where the server says it back piece by piece", async () => {
    const { answer, pieces } = await talk(provider, { echo: true });
    expect(JSON.stringify(answer)).toContain("[secret]");
    expect(JSON.stringify(answer)).not.toContain(KEY);
    expect(pieces.join("")).not.toContain(KEY);
    expect(pieces.length).toBeGreaterThan(1);
    const body = { error: { message: `the key ${KEY} is wrong`, type: "authentication_error" } };
    expect(JSON.stringify(await talk(provider, { status: 401, body }))).not.toMatch(
      new RegExp(`"message":"[^"]*${KEY}`),
    );
  });

  it("reads neither key nor address from variables that nobody has named", async () => {
    for (const name of ["OPENAI", "ANTHROPIC", "GOOGLE_GENERATIVE_AI"]) {
      vi.stubEnv(`${name}_API_KEY`, "sk-of-the-environment");
      vi.stubEnv(`${name}_BASE_URL`, "http://127.0.0.1:9");
    }
    const served = await peer([{ text: "Hello" }]);
    const { key: _, ...settings } = served.settings(provider);
    const answer = await modelAt(settings).generate(HELLO, { signal: new AbortController().signal });
    expect(answer.ok).toBe(true);
    expect(JSON.stringify(served.requests[0]?.headers)).not.toContain("sk-of-the-environment");
  });
});

describe("a model that OpenAI or a server like it serves", () => {
  it.each(["openai", "openai-compatible"] as const)("%s: says what it has refused", async (provider) => {
    const failure = await failureOf(provider, { refusal: "I cannot help with that." });
    expect(failure).toMatchObject({ code: "model-refused", category: "permission" });
    expect(failure.message).toContain("I cannot help with that.");
  });

  it("is asked strictly where the schema allows it", async () => {
    const strict = { ...SCHEMA, required: ["name", "age"] };
    for (const [schema, isStrict] of [
      [strict, true],
      [SCHEMA, false],
    ] as const) {
      const { peer: served } = await talk("openai", { text: "{}" }, { form: { kind: "json", schema } });
      expect(served.requests[0]?.body).toMatchObject({ response_format: { json_schema: { strict: isStrict } } });
    }
  });

  it("is asked for no schema where it takes none", async () => {
    const served = await peer([{ text: "{}" }]);
    const model = modelAt(served.settings("openai-compatible", { structured: "json" }));
    await model.generate({ ...HELLO, form: { kind: "json" } }, { signal: new AbortController().signal });
    expect(served.requests[0]?.body).toMatchObject({ response_format: { type: "json_object" } });
  });
});

describe("a model that is not reached", () => {
  it("is unavailable where nobody listens", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    // The second is a port that is never connected to.
    for (const place of [`http://127.0.0.1:${port}/v1`, "http://127.0.0.1:9/v1"]) {
      const settings = { provider: "openai-compatible", model: "tiny", baseUrl: place } as const;
      const answer = await modelAt(settings).generate(HELLO, { signal: new AbortController().signal });
      expect(answer).toMatchObject({ ok: false, failure: { category: "unavailable", code: "model-unavailable" } });
    }
  });
});

describe("the key of a model", () => {
  const call = { signal: new AbortController().signal };

  it("comes from a variable, from a file without its line end, or from the secrets", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "planwright-model-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = path.join(folder, "key");
    await writeFile(file, `${KEY}\n`);
    vi.stubEnv("A_MODEL_KEY", KEY);
    const served = await peer([{ text: "1" }, { text: "2" }, { text: "3" }]);
    for (const key of [{ file }, { env: "A_MODEL_KEY" }, { $secret: "MODEL_KEY" }]) {
      await modelAt(served.settings("openai-compatible", { key })).generate(HELLO, call);
    }
    expect(served.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(`Bearer ${KEY}`));
  });

  it("is missed by the name of its place, and nothing of it is said", async () => {
    const served = await peer([]);
    const with_ = (key: NonNullable<ReturnType<typeof served.settings>["key"]>) =>
      modelAt(served.settings("openai", { key })).generate(HELLO, call);
    vi.stubEnv("A_BROKEN_KEY", `${KEY}\nand more`);
    const broken: unknown = await with_({ env: "A_BROKEN_KEY" }).catch((error: unknown) => error);
    expect(Fault.is(broken, "model-key-missing")).toBe(true);
    expect(String(broken)).toContain("A_BROKEN_KEY");
    expect(String(broken)).not.toContain(KEY);
    await expect(with_({ env: "NO_SUCH_VARIABLE" })).rejects.toMatchObject({ code: "model-key-missing" });
    await expect(with_({ file: "/nonexistent/key" })).rejects.toMatchObject({ code: "model-key-missing" });
    await expect(with_({ $secret: "NO_SUCH_SECRET" })).rejects.toMatchObject({ code: "secret-missing" });
    expect(served.requests).toEqual([]);
  });
});
