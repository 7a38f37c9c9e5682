import type { ExpressionType, MapType } from "#machines/expressions/expression-type.ts";
import { members } from "#machines/expressions/expression-type.ts";
import type { Path } from "#src/language/finding.ts";
import { isPlanNull, mayBeNull } from "#src/planning/validation/narrowed-types.ts";

// Where a value that may be passed may yet not fit: it may be null where a value is wanted, or lack a property that is required. The
// language's check (`assignable`) accepts what fits in one of its forms; here every form that is known has to.

export interface LooseEnd {
  readonly kind: "null" | "missing";
  /** The plan's own words make it so; else a schema does. */
  readonly isCertain: boolean;
  /** Inside of the value; of what is missing the object that may lack it. */
  readonly path: Path;
  /** Of what may be missing. */
  readonly name?: string;
}

/** How deep inside of a value it is looked: a schema may be recursive. */
const MAX_DEPTH = 8;

export function looseEnds(from: ExpressionType, to: ExpressionType, path: Path = []): readonly LooseEnd[] {
  if (path.length >= MAX_DEPTH || members(to).some(({ kind }) => kind === "dyn")) return [];
  const own: LooseEnd[] =
    mayBeNull(from) && !mayBeNull(to) ? [{ kind: "null", isCertain: isPlanNull(from), path }] : [];
  return [...own, ...insideObjects(from, to, path), ...insideLists(from, to, path)];
}

function insideObjects(from: ExpressionType, to: ExpressionType, path: Path): readonly LooseEnd[] {
  const [wanted, ...others] = members(to).filter((member) => member.kind === "map");
  // Of several forms another one may be meant.
  if (wanted === undefined || others.length > 0) return [];
  const given = members(from).filter((member) => member.kind === "map");
  return [...wanted.fields].flatMap(([name, { type, required }]) =>
    given.flatMap((map) => {
      const field = map.fields.get(name);
      const lacks: LooseEnd[] =
        required && mayLack(map, name) ? [{ kind: "missing", isCertain: false, path, name }] : [];
      return field === undefined ? lacks : [...lacks, ...looseEnds(field.type(), type(), [...path, name])];
    }),
  );
}

function mayLack(map: MapType, name: string): boolean {
  const field = map.fields.get(name);
  return field === undefined ? map.closed : !field.required;
}

function insideLists(from: ExpressionType, to: ExpressionType, path: Path): readonly LooseEnd[] {
  const [wanted, ...others] = members(to).filter((member) => member.kind === "list");
  if (wanted === undefined || others.length > 0) return [];
  const given = members(from).filter((member) => member.kind === "list");
  return given.flatMap((list) => looseEnds(list.element(), wanted.element(), [...path, 0]));
}
