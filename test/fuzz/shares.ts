/** Of a hundred cases. Those that start an engine or a server cost more. */
const WEIGHTS: Readonly<Record<string, number>> = {
  plans: 25,
  expressions: 30,
  http: 12,
  bus: 8,
  events: 20,
  arguments: 5,
};

/** How many of so many cases each target gets. */
export function sharesOf(names: readonly string[], cases: number): ReadonlyMap<string, number> {
  const all = names.reduce((sum, name) => sum + (WEIGHTS[name] ?? 1), 0);
  let left = cases;
  const shares = names.map((name, index): [string, number] => {
    const share = index === names.length - 1 ? left : Math.round((cases * (WEIGHTS[name] ?? 1)) / all);
    left -= share;
    return [name, Math.max(0, share)];
  });
  return new Map(shares.filter(([, count]) => count > 0));
}
