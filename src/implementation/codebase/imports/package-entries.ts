// `exports` and `imports` of a package.json, as Node reads them (https://nodejs.org/api/packages.html): every target that some condition
// gives, in the order in which it is written, as whoever looks at a codebase has no condition of his own.

const MAX_TARGETS = 50;
const MAX_DEPTH = 20;

/** Relative paths and names of packages; none where the package does not give it out. */
export function entryTargets(entries: unknown, specifier: string): readonly string[] {
  const table = tableOf(entries);
  if (Object.hasOwn(table, specifier) && !specifier.includes("*")) return targetsOf(table[specifier], "");
  const patterns = Object.keys(table)
    .filter((key) => key.includes("*"))
    .sort((a, b) => b.indexOf("*") - a.indexOf("*") || b.length - a.length);
  for (const pattern of patterns) {
    const [before = "", after = ""] = pattern.split("*");
    const fits =
      specifier.length >= before.length + after.length && specifier.startsWith(before) && specifier.endsWith(after);
    if (fits) return targetsOf(table[pattern], specifier.slice(before.length, specifier.length - after.length));
  }
  return [];
}

/** A text, a list or conditions alone are what `.` leads to. */
function tableOf(entries: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(entries)) return entries === undefined ? {} : { ".": entries };
  const isTable = Object.keys(entries).every((key) => key.startsWith(".") || key.startsWith("#"));
  return isTable ? entries : { ".": entries };
}

function targetsOf(target: unknown, star: string): readonly string[] {
  const found: string[] = [];
  const collect = (one: unknown, depth: number): void => {
    if (found.length >= MAX_TARGETS || depth > MAX_DEPTH) return;
    if (typeof one === "string") found.push(one.replaceAll("*", () => star));
    else if (Array.isArray(one)) for (const each of one) collect(each, depth + 1);
    else if (isRecord(one)) for (const each of Object.values(one)) collect(each, depth + 1);
  };
  collect(target, 0);
  return found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
