import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LeaseChange, Leases } from "#src/ports/leases.ts";

// What every implementation of the port of leases keeps.

export interface LeasesHarness extends AsyncDisposable {
  /** Another handle on the same leases, as another process has one. */
  open(): Promise<Leases>;
  /** Nobody reaches the leases any more, until `back`; resolves when a call would be refused. */
  away(): Promise<void>;
  back(): Promise<void>;
}

export function leasesContract(start: () => Promise<LeasesHarness>): void {
  describe("leases", () => {
    let harness: LeasesHarness;
    let [one, other] = [] as unknown as [Leases, Leases];
    beforeEach(async () => {
      harness = await start();
      [one, other] = [await harness.open(), await harness.open()];
    });
    afterEach(() => harness[Symbol.asyncDispose]());

    it("are set by whoever has seen their revision, and by nobody else", async () => {
      const first = await one.put("partition.00", { owner: "a" }, 0);
      expect(await other.put("partition.00", { owner: "b" }, 0)).toBeUndefined();
      expect(await other.put("partition.00", { owner: "b" }, first! - 1)).toBeUndefined();
      const second = await other.put("partition.00", { owner: "b" }, first!);
      expect(await one.put("partition.00", { owner: "a" }, first!)).toBeUndefined();
      expect(await one.list()).toEqual({
        entries: [{ key: "partition.00", value: { owner: "b" }, revision: second }],
        asOf: second,
      });
    });

    it("have one winner among many who have seen the same", async () => {
      const seen = (await one.put("key", 0, 0))!;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).put("key", i, seen)),
      );
      expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
    });

    it("have revisions that grow over all keys", async () => {
      const revisions: number[] = [];
      for (const key of ["a", "b", "a", "c"]) {
        const known = (await one.list()).entries.find((entry) => entry.key === key)?.revision ?? 0;
        revisions.push((await one.put(key, key, known))!);
      }
      expect(revisions).toEqual([...new Set(revisions)].sort((left, right) => left - right));
    });

    it("are removed by whoever has seen their revision, and can be set again with a larger one", async () => {
      const first = (await one.put("member.a", 1, 0))!;
      const second = (await one.put("member.a", 2, first))!;
      expect(await other.remove("member.a", first)).toBe(false);
      expect(await other.remove("member.a", 0)).toBe(false);
      expect(await other.remove("member.b", first)).toBe(false);
      expect(await other.remove("member.a", second)).toBe(true);
      expect(await other.remove("member.a", second)).toBe(false);
      const { entries, asOf } = await one.list();
      expect(entries).toEqual([]);
      expect(asOf).toBeGreaterThan(second);
      const third = (await one.put("member.a", 3, 0))!;
      expect(third).toBeGreaterThan(second + 1);
      expect(await other.put("member.a", 4, 0)).toBeUndefined();
    });

    it("keep what JSON can say", async () => {
      const value = { text: "ä ${x}", list: [1, null, true, { deep: [] }], number: 1.5 };
      await one.put("a-key.with-1.parts", value, 0);
      expect((await other.list()).entries[0]).toMatchObject({ key: "a-key.with-1.parts", value });
    });

    it("are not changed by what the caller does to a value afterwards", async () => {
      const value = { owner: "a" };
      await one.put("key", value, 0);
      value.owner = "b";
      expect((await one.list()).entries[0]?.value).toEqual({ owner: "a" });
    });

    it("are watched from what there is on, through every handle, with removals", async () => {
      const first = (await one.put("a", 1, 0))!;
      const gone = (await one.put("gone", 1, 0))!;
      await one.remove("gone", gone);
      const watch = new Watch(other);
      await watch.until(({ a }) => a?.revision === first);
      const second = (await one.put("a", 2, first))!;
      await watch.until(({ a }) => a?.value === 2 && a.revision === second);
      await one.remove("a", second);
      await watch.until(({ a }) => a !== undefined && a.value === undefined && a.revision > second);
      const b = (await other.put("b", 3, 0))!;
      await watch.until((newest) => newest["b"]?.revision === b);
      await watch.end();
    });

    it("are watched in order, each key by its newest change", async () => {
      let revision = 0;
      const watch = new Watch(other);
      for (let value = 1; value <= 50; value++) revision = (await one.put("key", value, revision))!;
      await watch.until(({ key }) => key?.value === 50);
      const seen = watch.heard.map((change) => change.revision);
      expect(seen).toEqual([...seen].sort((left, right) => left - right));
      await watch.end();
    });

    it("end a watch by its signal, also one that hears nothing", async () => {
      await new Watch(one).end();
      const signal = AbortSignal.abort();
      expect(await Array.fromAsync(one.watch(signal))).toEqual([]);
    });

    it("are a retryable fault while nobody reaches them, and are there again afterwards", async () => {
      const revision = (await one.put("key", 1, 0))!;
      const watch = new Watch(other);
      await watch.until(({ key }) => key?.value === 1);
      await harness.away();
      const refused = { code: "leases-unavailable", retryable: true };
      await expect(one.put("key", 2, revision)).rejects.toMatchObject(refused);
      await expect(one.remove("key", revision)).rejects.toMatchObject(refused);
      await expect(one.list()).rejects.toMatchObject(refused);
      await harness.back();
      const [found] = (await one.list()).entries;
      await one.put("key", 3, found!.revision);
      await watch.until(({ key }) => key?.value === 3);
      await watch.end();
    });
  });
}

/** A watch, and what it has heard. */
class Watch {
  readonly heard: LeaseChange[] = [];
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  #wake = Promise.withResolvers<undefined>();

  constructor(leases: Leases) {
    this.#done = this.#follow(leases);
  }

  /** Waits for the newest change of each key to be such. */
  async until(claim: (newest: Readonly<Record<string, LeaseChange>>) => boolean): Promise<void> {
    while (!claim(Object.fromEntries(this.heard.map((change) => [change.key, change])))) {
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }

  async #follow(leases: Leases): Promise<void> {
    for await (const change of leases.watch(this.#ending.signal)) {
      this.heard.push(change);
      this.#wake.resolve(undefined);
    }
  }
}
