/** The environment of a process on a machine whose clock is off by so many minutes. */
export function skewedBy(minutes: number): Readonly<Record<string, string>> {
  const preload = new URL("skewed-clock.ts", import.meta.url).href;
  return { NODE_OPTIONS: `--import=${preload}`, PLANWRIGHT_TEST_CLOCK_SKEW_MS: String(minutes * MS_PER_MINUTE) };
}

const MS_PER_MINUTE = 60_000;
