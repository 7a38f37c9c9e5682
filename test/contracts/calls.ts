import { afterEach, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import { answerOf, WINDOW, type Call, type CallHandler, type Calls } from "#src/ports/calls.ts";

// What every implementation of src/ports/calls.ts keeps to.

const NEVER = new AbortController().signal;

/** Processes that reach each other. */
export interface CallPeers extends AsyncDisposable {
  join(): Promise<Calls>;
}

const call = (operation: string, input: Json = {}): Call => ({ operation, input, actor: "nats:tester" });

/** Answers with the values, and says when it was told to stop. */
function answering(...values: Json[]): CallHandler {
  return async function* () {
    yield* values;
  };
}

async function all(values: AsyncIterable<Json>): Promise<Json[]> {
  const taken: Json[] = [];
  for await (const value of values) taken.push(value);
  return taken;
}

async function* numbers(count: number, onValue: (value: number) => unknown = () => undefined) {
  for (let value = 0; value < count; value++) {
    onValue(value);
    yield value;
  }
}

/** Yields once, then waits for its signal. */
function waiting(seen: { stopped: PromiseWithResolvers<unknown> }): CallHandler {
  return async function* (_, signal) {
    try {
      yield "begun";
      const { promise, resolve } = Promise.withResolvers<undefined>();
      signal.addEventListener("abort", () => resolve(undefined), { once: true });
      await promise;
    } finally {
      seen.stopped.resolve(signal.reason);
    }
  };
}

export function callsContract(open: () => Promise<CallPeers>): void {
  let peers: CallPeers | undefined;
  const two = async (): Promise<[Calls, Calls]> => {
    peers = await open();
    return [await peers.join(), await peers.join()];
  };
  afterEach(async () => {
    await peers?.[Symbol.asyncDispose]();
    peers = undefined;
  });

  it("brings a question with its input and principal, and the answer back", async () => {
    const [asker, answerer] = await two();
    const heard: Call[] = [];
    await answerer.serve("any", async function* (asked) {
      heard.push(asked);
      yield { plan: "p", list: [1, null, "ü\u0000😀"] };
    });
    const asked = { ...call("submit", { source: "plan: a" }), withinMs: 5_000 };
    expect(await answerOf(asker.call(asked, "any", NEVER))).toEqual({ plan: "p", list: [1, null, "ü\u0000😀"] });
    expect(heard).toEqual([asked]);
  });

  it("brings values in order, more than are on their way at once, and their end", async () => {
    const [asker, answerer] = await two();
    await answerer.serve("any", () => numbers(WINDOW * 10));
    expect(await all(asker.call(call("events"), "any", NEVER))).toEqual([...Array(WINDOW * 10).keys()]);
  });

  it("brings a value that is far larger than a message", async () => {
    const [asker, answerer] = await two();
    const large = { text: 'é"😀\n'.repeat(400_000), list: [...Array(1_000).keys()] };
    await answerer.serve("any", answering("small", large, "last"));
    expect(await all(asker.call(call("steps"), "any", NEVER))).toEqual(["small", large, "last"]);
  });

  it("says at once that nobody serves, and that the call was not heard", async () => {
    const [asker] = await two();
    const asked = answerOf(asker.call(call("status"), "any", NEVER));
    await expect(asked).rejects.toMatchObject({ code: "unreachable", retryable: true, details: { unheard: true } });
  });

  it("gives a fault with its code, message and details, and of a defect nothing but that it is one", async () => {
    const [asker, answerer] = await two();
    await answerer.serve("any", async function* ({ operation }) {
      yield "before";
      if (operation === "defect") throw new TypeError("the password is hunter2");
      throw new Fault("plan-refused", "it cannot run", { retryable: true, details: { findings: [{ code: "a" }] } });
    });
    const taken: Json[] = [];
    const refused = (async () => {
      for await (const value of asker.call(call("submit"), "any", NEVER)) taken.push(value);
    })();
    const details = { findings: [{ code: "a" }] };
    await expect(refused).rejects.toMatchObject({
      code: "plan-refused",
      message: "it cannot run",
      retryable: true,
      details,
    });
    expect(taken).toEqual(["before"]);
    const failed: unknown = await all(asker.call(call("defect"), "any", NEVER)).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "defect" });
    expect(String(failed)).not.toContain("hunter2");
  });

  it("brings a call for a partition to who serves it, and to nobody else", async () => {
    const [asker, owner] = await two();
    await owner.serve({ partition: 7 }, answering("seven"));
    await asker.serve({ partition: 255 }, answering("last"));
    expect(await answerOf(asker.call(call("get"), { partition: 7 }, NEVER))).toBe("seven");
    expect(await answerOf(owner.call(call("get"), { partition: 255 }, NEVER))).toBe("last");
    await expect(answerOf(asker.call(call("get"), { partition: 8 }, NEVER))).rejects.toMatchObject({
      code: "unreachable",
    });
    await expect(answerOf(asker.call(call("get"), "any", NEVER))).rejects.toMatchObject({ code: "unreachable" });
  });

  it("gives a call to one of those that serve, and all of them get some", async () => {
    const [asker, one] = await two();
    const other = await peers!.join();
    const heard = { one: 0, other: 0 };
    await one.serve("any", async function* () {
      heard.one++;
      yield null;
    });
    await other.serve("any", async function* () {
      heard.other++;
      yield null;
    });
    await Promise.all(Array.from({ length: 60 }, () => answerOf(asker.call(call("list"), "any", NEVER))));
    expect(heard.one + heard.other).toBe(60);
    expect(Math.min(heard.one, heard.other)).toBeGreaterThan(0);
  });

  it("runs ahead of a slow reader by a bounded number of values", async () => {
    const [asker, answerer] = await two();
    let made = 0;
    await answerer.serve("any", () => numbers(100_000, () => made++));
    const reader = asker.call(call("events"), "any", NEVER)[Symbol.asyncIterator]();
    for (let taken = 1; taken <= 200; taken++) {
      await reader.next();
      // One more may be in the hand of who waits for room.
      expect(made - taken).toBeLessThanOrEqual(WINDOW + 1);
    }
    await reader.return?.();
  });

  it("tells who answers when the caller stops taking", async () => {
    const [asker, answerer] = await two();
    const seen = { stopped: Promise.withResolvers<unknown>() };
    await answerer.serve("any", waiting(seen));
    for await (const value of asker.call(call("live"), "any", NEVER)) {
      expect(value).toBe("begun");
      break;
    }
    expect(await seen.stopped.promise).toMatchObject({ code: "stopping" });
  });

  it("ends with the reason of the caller's signal, and who answers is told", async () => {
    const [asker, answerer] = await two();
    const seen = { stopped: Promise.withResolvers<unknown>() };
    await answerer.serve("any", waiting(seen));
    const enough = new AbortController();
    const reader = asker.call(call("live"), "any", enough.signal)[Symbol.asyncIterator]();
    await reader.next();
    const rest = reader.next();
    enough.abort(new Error("enough"));
    await expect(rest).rejects.toThrow("enough");
    await seen.stopped.promise;
  });

  it("ends what takes too long, on both sides", async () => {
    const [asker, answerer] = await two();
    const seen = { stopped: Promise.withResolvers<unknown>() };
    await answerer.serve("any", waiting(seen));
    const asked = all(asker.call({ ...call("wait"), withinMs: 50 }, "any", NEVER));
    await expect(asked).rejects.toMatchObject({ code: "call-timed-out" });
    await seen.stopped.promise;
  });

  it("ends calls as stopping when who answers stops serving, and serves no more", async () => {
    const [asker, answerer] = await two();
    const seen = { stopped: Promise.withResolvers<unknown>() };
    const serving = await answerer.serve("any", waiting(seen));
    const reader = asker.call(call("live"), "any", NEVER)[Symbol.asyncIterator]();
    await reader.next();
    serving[Symbol.dispose]();
    await expect(reader.next()).rejects.toMatchObject({ code: "stopping", retryable: true });
    await expect(answerOf(asker.call(call("live"), "any", NEVER))).rejects.toMatchObject({ code: "unreachable" });
  });

  it("lets what is under way for a partition end when somebody else answers for it, and nothing begin", async () => {
    const [asker, answerer] = await two();
    const place = { partition: 7 };
    const ready = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const serving = await answerer.serve(place, async function* () {
      begun.resolve(undefined);
      await ready.promise;
      yield "done";
    });
    const answer = all(asker.call(call("cancel"), place, NEVER));
    await begun.promise;
    serving[Symbol.dispose]();
    ready.resolve(undefined);
    expect(await answer).toEqual(["done"]);
    await expect(answerOf(asker.call(call("cancel"), place, NEVER))).rejects.toMatchObject({ code: "unreachable" });
  });

  it("ends what is under way for a partition as stopping when it takes too long for who answers for it no more", async () => {
    const [asker, answerer] = await two();
    const seen = { stopped: Promise.withResolvers<unknown>() };
    const serving = await answerer.serve({ partition: 7 }, waiting(seen));
    const reader = asker.call(call("live"), { partition: 7 }, NEVER)[Symbol.asyncIterator]();
    await reader.next();
    serving[Symbol.dispose]();
    await expect(reader.next()).rejects.toMatchObject({ code: "stopping", retryable: true });
    await seen.stopped.promise;
  });

  it("ends calls as unreachable when who answers goes", async () => {
    const [asker, answerer] = await two();
    const seen = { stopped: Promise.withResolvers<unknown>() };
    await answerer.serve("any", waiting(seen));
    const reader = asker.call(call("live"), "any", NEVER)[Symbol.asyncIterator]();
    await reader.next();
    await answerer[Symbol.asyncDispose]();
    await expect(reader.next()).rejects.toMatchObject({ code: "unreachable" });
  });
}
