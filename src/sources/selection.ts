import type { SourceRules } from "#src/sources/settings.ts";

/** Whether plans may call a tool, by the name that its source gives it. */
export function isSelected(name: string, { tools = {} }: SourceRules): boolean {
  const { include, exclude = [] } = tools;
  const isIn = (patterns: readonly string[]): boolean => patterns.some((pattern) => matches(name, pattern));
  return (include === undefined || isIn(include)) && !isIn(exclude);
}

/** `*` stands for any text. The parts between are looked for from left to right, so that no pattern takes long. */
function matches(name: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= name.length - last.length;
}
