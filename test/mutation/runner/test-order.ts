import { existsSync, readFileSync, writeFileSync } from "node:fs";

// Which test is asked first: one that has killed a mutant of the same file, then the quickest. Processes come and go, so the
// times of the first run lie beside the sources.

const TIMES = "mutation-test-times.json";
const MOST_KILLERS = 12;

export class TestOrder {
  private readonly killers = new Map<string, string[]>();
  private times: Readonly<Record<string, number>> = {};

  load(): void {
    if (existsSync(TIMES)) this.times = JSON.parse(readFileSync(TIMES, "utf8")) as Record<string, number>;
  }

  keep(times: Readonly<Record<string, number>>): void {
    this.times = times;
    writeFileSync(TIMES, JSON.stringify(times));
  }

  isSlow(test: string, slowMs: number): boolean {
    return (this.times[test] ?? 0) > slowMs;
  }

  killed(source: string, test: string): void {
    const known = this.killers.get(source) ?? [];
    this.killers.set(source, [test, ...known.filter((id) => id !== test)].slice(0, MOST_KILLERS));
  }

  /** As many of the tests as fit into the budget, in their order. */
  of(source: string, tests: Iterable<string>, budgetMs: number): readonly string[] {
    const killers = this.killers.get(source) ?? [];
    const rankOf = (id: string): number => {
      const rank = killers.indexOf(id);
      return rank < 0 ? MOST_KILLERS : rank;
    };
    const timeOf = (id: string): number => this.times[id] ?? 0;
    const order = [...tests].sort((a, b) => rankOf(a) - rankOf(b) || timeOf(a) - timeOf(b));
    let left = budgetMs;
    return order.filter((id) => (left -= timeOf(id)) >= 0);
  }
}
