/** What was worked out for two values that nobody changes, by which values they are, as long as both are there. */
export class KnownPairs<First extends object, Second extends object, Result extends object> {
  readonly #known = new WeakMap<First, WeakMap<Second, Result>>();

  get(first: First, second: Second, compute: () => Result): Result {
    const beside = this.#known.get(first) ?? new WeakMap<Second, Result>();
    this.#known.set(first, beside);
    const known = beside.get(second) ?? compute();
    beside.set(second, known);
    return known;
  }
}
