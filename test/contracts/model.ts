// What every model keeps, whoever is behind it (src/ports/model.ts).
import { expect, it } from "vitest";
import type { Model, ModelRequest } from "#src/ports/model.ts";

export type ModelDeed = { readonly says: string } | { readonly cuts: string } | { readonly hangs: true };

/** A model that does this when it is asked. */
export type MakeModel = (deed: ModelDeed) => Model | Promise<Model>;

const REQUEST: ModelRequest = { messages: [{ role: "user", text: "Say hello." }], maxOutputTokens: 50 };

export function modelContract(make: MakeModel): void {
  it("gives the text, told before in pieces that make it up", async () => {
    const model = await make({ says: "Hello there, and good bye." });
    const pieces: string[] = [];
    const call = { signal: new AbortController().signal, onText: (piece: string) => pieces.push(piece) };
    const answer = await model.generate(REQUEST, call);
    expect(answer).toMatchObject({ ok: true, text: "Hello there, and good bye.", finish: "stop" });
    expect(pieces.join("")).toBe("Hello there, and good bye.");
    expect(answer.usage.inputTokens).toBeGreaterThan(0);
    expect(answer.usage.outputTokens).toBeGreaterThan(0);
  });

  it("says of an answer that was cut that it was", async () => {
    const model = await make({ cuts: "Hello th" });
    const answer = await model.generate(REQUEST, { signal: new AbortController().signal });
    expect(answer).toMatchObject({ ok: true, text: "Hello th", finish: "length" });
  });

  it("rejects with the signal's reason, before it asks", async () => {
    const model = await make({ says: "Hello" });
    const reason = new Error("no more wanted");
    await expect(model.generate(REQUEST, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("rejects with the signal's reason, while it waits", async () => {
    const model = await make({ hangs: true });
    const stop = new AbortController();
    const reason = new Error("no more wanted");
    const answering = model.generate(REQUEST, { signal: stop.signal });
    setImmediate(() => stop.abort(reason));
    await expect(answering).rejects.toBe(reason);
  });
}
