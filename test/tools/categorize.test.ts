import { Fault } from "#events/fault.ts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { categorize, MAX_MESSAGE_BYTES } from "#src/tools/categorize.ts";
import { ToolFailure } from "#src/tools/define.ts";

const withCode = (code: string) => Object.assign(new Error("system"), { code });
const withStatus = (status: number) => Object.assign(new Error("answered"), { status });

describe("an error's category", () => {
  it.each([
    ["a missing file", withCode("ENOENT"), "not-found"],
    ["a forbidden file", withCode("EACCES"), "permission"],
    ["an existing file", withCode("EEXIST"), "conflict"],
    ["a refused connection", withCode("ECONNREFUSED"), "unavailable"],
    ["a name that does not resolve now", withCode("EAI_AGAIN"), "unavailable"],
    ["a silent peer", withCode("ETIMEDOUT"), "timeout"],
    ["a full disk", withCode("ENOSPC"), "resource-exhausted"],
    ["too many open files", withCode("EMFILE"), "resource-exhausted"],
    ["an abort", new DOMException("stop", "AbortError"), "cancelled"],
    ["a timeout signal", new DOMException("slow", "TimeoutError"), "timeout"],
    ["a status 429", withStatus(429), "rate-limited"],
    ["a status 401", withStatus(401), "authentication"],
    ["a status 503", withStatus(503), "unavailable"],
    ["a status 418", withStatus(418), "validation"],
    ["a status 500", withStatus(500), "internal"],
    ["a schema that refuses", z.string().safeParse(1).error, "validation"],
    ["a mistake in the tool", new TypeError("x is not a function"), "bug"],
    ["a wrapper around a known cause", new TypeError("fetch failed", { cause: withCode("ECONNRESET") }), "unavailable"],
    ["all addresses refused", new AggregateError([withCode("ECONNREFUSED")]), "unavailable"],
    ["a secret that is not there", new Fault("secret-missing", "there is no secret"), "not-found"],
    ["a plain error", new Error("odd"), "unknown"],
    ["a thrown text", "just text", "unknown"],
    ["nothing at all", undefined, "unknown"],
  ])("is, for %s, told by its signs", (_name, error, category) => {
    expect(categorize(error).category).toBe(category);
  });

  it("keeps the code of a fault", () => {
    const fault = new Fault("secret-unreadable", "the file cannot be used");
    expect(categorize(fault)).toMatchObject({ category: "permission", code: "secret-unreadable" });
  });

  it("is what a tool failure says, with its code, wait and details", () => {
    const failure = new ToolFailure("rate-limited", "slow down", {
      code: "busy",
      retryAfterMs: 1500,
      details: { at: 1 },
    });
    expect(categorize(failure)).toEqual({
      category: "rate-limited",
      code: "busy",
      message: "slow down",
      retryAfterMs: 1500,
      details: { at: 1 },
    });
  });

  it("survives a cause that leads back to itself", () => {
    const error = new Error("round");
    error.cause = error;
    expect(categorize(error)).toMatchObject({ category: "unknown", message: "round" });
  });

  it("survives a value that cannot be read", () => {
    const hostile = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("no");
      },
    });
    expect(categorize(hostile)).toMatchObject({ category: "unknown", code: "unreadable" });
  });

  it("keeps what a thrown value says", () => {
    expect(categorize("no space").message).toBe("threw no space");
    expect(categorize({ reason: 1 }).message).toBe('threw {"reason":1}');
    expect(categorize(null).message).toBe("threw null");
  });

  it("bounds the message without breaking a character", () => {
    const { message } = categorize(new Error("ä".repeat(MAX_MESSAGE_BYTES)));
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(message).toMatch(/^ä+…$/);
  });

  it("drops details that cannot be recorded and keeps the failure", () => {
    const failure = new ToolFailure("quota", "no more", { details: { big: "x".repeat(100_000) } });
    expect(categorize(failure)).toEqual({ category: "quota", code: "quota", message: "no more" });
    expect(categorize(new ToolFailure("quota", "no", { details: { bad: 1n } })).details).toBeUndefined();
  });
});
