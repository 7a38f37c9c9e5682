import type { RecentTexts } from "#machines/expressions/recent-texts.ts";

// The one cache of the law that outlives a test: what was compiled from a text. A mutant must neither be saved by what another
// run compiled nor leave behind what it compiled, so that a cache which a test did not make is empty when the test begins.

type Constructor = typeof RecentTexts;
type Get = RecentTexts<unknown>["get"];

export class CompiledTexts {
  private test = 0;
  private readonly standIns = new WeakMap<object, { readonly test: number; readonly cache: object }>();

  beginTest(): void {
    this.test++;
  }

  watch(cacheOf: Constructor): void {
    const { standIns } = this;
    const testNow = (): number => this.test;
    const original: Get = Reflect.get(cacheOf.prototype, "get");
    const get = function (this: RecentTexts<unknown>, ...[text, compute]: Parameters<Get>): unknown {
      const test = testNow();
      let known = standIns.get(this);
      if (known === undefined) known = { test, cache: this };
      else if (known.test !== test) known = { test, cache: new cacheOf(Number.MAX_SAFE_INTEGER) };
      standIns.set(this, known);
      return original.call(known.cache as RecentTexts<unknown>, text, compute);
    };
    Reflect.set(cacheOf.prototype, "get", get);
  }
}
