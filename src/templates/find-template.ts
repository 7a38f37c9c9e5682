import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Remark } from "#src/language/finding.ts";
import { newestOf, rangeProblem, readReference } from "#src/language/version-range.ts";
import type { Template } from "#src/templates/template.ts";

/** The newest of the templates that `name` or `name@range` means. Codes: unknown-template, no-such-version, bad-version-range. */
export function findIn<T extends Template>(templates: readonly T[], reference: string): T | Remark {
  const { name, range } = readReference(reference);
  const problem = rangeProblem(range);
  if (problem !== undefined) return problem;
  const named = templates.filter((template) => template.name === name);
  const found = newestOf(named, ({ version }) => version, range);
  if (found !== undefined) return found;
  if (named.length > 0) {
    const versions = named.map(({ version }) => version).join(", ");
    return {
      code: "no-such-version",
      message: `no version of the template ${name} is in ${range}; there is ${versions}`,
    };
  }
  const suggestion = nearestName(
    name,
    templates.map((template) => template.name),
  );
  return { code: "unknown-template", message: `there is no template ${JSON.stringify(name)}`, suggestion };
}
