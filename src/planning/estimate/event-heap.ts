// Tasks by the time of their end, equal times in the order in which they began: a binary heap in arrays.
// An order of its own keeps schedules the same from run to run, whatever the times.

export class EventHeap {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #tasks: number[] = [];
  #order = 0;

  push(time: number, task: number): void {
    let at = this.#tasks.length;
    const order = this.#order++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isAfter(parent, time, order)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, time, order, task);
  }

  /** The task that ends first; undefined when there is none. */
  pop(): number | undefined {
    const first = this.#tasks[0];
    const time = this.#times.pop();
    const order = this.#orders.pop();
    const task = this.#tasks.pop();
    if (time === undefined || order === undefined || task === undefined) return undefined;
    const size = this.#tasks.length;
    if (size === 0) {
      this.#order = 0;
      return first;
    }
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      const least = this.#leastOf(child);
      if (this.#isAfter(least, time, order)) break;
      this.#move(least, at);
      at = least;
    }
    this.#put(at, time, order, task);
    return first;
  }

  /** Of a place and the one behind it. */
  #leastOf(at: number): number {
    const right = at + 1;
    if (right >= this.#tasks.length) return at;
    return this.#isAfter(at, this.#times[right] ?? 0, this.#orders[right] ?? 0) ? right : at;
  }

  #isAfter(at: number, time: number, order: number): boolean {
    const other = this.#times[at] ?? 0;
    return other > time || (other === time && (this.#orders[at] ?? 0) > order);
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] ?? 0;
    this.#orders[to] = this.#orders[from] ?? 0;
    this.#tasks[to] = this.#tasks[from] ?? 0;
  }

  #put(...[at, time, order, task]: readonly [number, number, number, number]): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#tasks[at] = task;
  }
}
