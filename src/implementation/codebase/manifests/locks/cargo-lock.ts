import { z } from "zod";
import { textList, tomlOf } from "../toml-shapes.ts";
import { lockOf, type Lock } from "./lock.ts";

const cargoLock = z.object({
  version: z.int().default(1),
  package: z.array(z.object({ name: z.string(), version: z.string(), dependencies: textList })).default([]),
});

/** Cargo.lock; what a package needs is `name`, or `name version` where there are several. Throws for what is not TOML. */
export function cargoLockfile(text: string): Lock {
  const read = cargoLock.parse(tomlOf(text));
  const versions = new Map<string, string>();
  const ids = new Set<string>();
  for (const { name, version } of read.package) {
    versions.set(name, version);
    ids.add(`${name}@${version}`);
  }
  const idOf = (needed: string): string | undefined => {
    const [name = "", version = versions.get(name)] = needed.split(" ");
    const id = `${name}@${version ?? ""}`;
    return ids.has(id) ? id : undefined;
  };
  return lockOf(
    `Cargo ${read.version}`,
    read.package.map(({ name, version, dependencies }) => ({
      id: `${name}@${version}`,
      name,
      needs: dependencies.map(idOf),
    })),
  );
}
