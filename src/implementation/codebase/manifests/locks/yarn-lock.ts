// yarn.lock: what was asked for (`name@range`), several askings to one entry. Both forms are read by yarn's own parser;
// later yarns write YAML, the first one a format of its own.

import { parseSyml } from "@yarnpkg/parsers";
import { z } from "zod";
import { lockOf, type Lock, type WrittenEntry } from "./lock.ts";

const ranges = z.record(z.string(), z.string()).catch({});
const entry = z.object({
  version: z.string(),
  resolution: z.string().optional().catch(undefined),
  dependencies: ranges,
  optionalDependencies: ranges,
});
type Entry = z.output<typeof entry>;

const metadata = z.object({ version: z.coerce.string() });

/** yarn.lock of the first yarn and of later ones, by yarn's own parser. Throws for what is neither. */
export function yarnLock(text: string): Lock {
  const { __metadata, ...rest } = z.record(z.string(), z.unknown()).parse(parseSyml(text));
  const entries = z.record(z.string(), entry).parse(rest);
  const format = __metadata === undefined ? "yarn 1" : `yarn ${metadata.parse(__metadata).version}`;
  const byDescriptor = new Map(
    Object.entries(entries).flatMap(([descriptors, one]) =>
      descriptors.split(", ").map((descriptor): [string, Entry] => [descriptor, one]),
    ),
  );
  return lockOf(format, written(byDescriptor));
}

function* written(all: ReadonlyMap<string, Entry>): Generator<WrittenEntry> {
  for (const [descriptor, one] of all) {
    const needs = Object.entries({ ...one.dependencies, ...one.optionalDependencies });
    yield {
      ...identity(descriptor, one),
      needs: needs.map(([name, range]) => {
        const found = [`${name}@${range}`, `${name}@npm:${range}`].find((key) => all.has(key)) ?? "";
        const target = all.get(found);
        return target && identity(found, target).id;
      }),
    };
  }
}

/** `@scope/name@range`: the name ends before the first @ that does not begin it. */
function identity(descriptor: string, one: Entry): { readonly id: string; readonly name: string } {
  const name = descriptor.slice(0, descriptor.indexOf("@", 1));
  const workspace = /@workspace:(.+)$/u.exec(one.resolution ?? "")?.[1];
  return { name, id: workspace ?? `${name}@${one.version}` };
}
