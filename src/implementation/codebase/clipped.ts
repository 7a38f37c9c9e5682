/** A text of a manifest may be as long as its file: what is told of one is bounded. */
const MAX_TEXT_CHARS = 1_000;

/** The same with every text at most MAX_TEXT_CHARS long. */
export function clipped<T>(value: T): T;
export function clipped(value: unknown): unknown {
  if (typeof value === "string") return value.length <= MAX_TEXT_CHARS ? value : `${value.slice(0, MAX_TEXT_CHARS)}…`;
  if (Array.isArray(value)) return value.map((one: unknown) => clipped(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, clipped<unknown>(one)]));
}
