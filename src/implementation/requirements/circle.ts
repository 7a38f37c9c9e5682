/** The first circle of needs, from a requirement to itself again; undefined where there is none. Not recursive: chains may be long. */
export function circleIn(needs: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of needs.keys()) {
    const way: Visit[] = [{ id: start, next: 0 }];
    const onWay = new Set([start]);
    for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
      const need = needs.get(last.id)?.[last.next];
      last.next += 1;
      if (need === undefined) {
        done.add(last.id);
        onWay.delete(last.id);
        way.pop();
      } else if (onWay.has(need)) {
        const ids = way.map(({ id }) => id);
        return [...ids.slice(ids.indexOf(need)), need];
      } else if (!done.has(need)) {
        way.push({ id: need, next: 0 });
        onWay.add(need);
      }
    }
  }
  return undefined;
}

interface Visit {
  readonly id: string;
  /** Index of the need that is looked at next. */
  next: number;
}
