import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

// The version of this package and where it lies, by its own package.json: above the sources in a checkout, above dist/ where it is installed.

const manifest = z.object({ name: z.literal("planwright"), version: z.string() });

interface Found {
  readonly folder: string;
  readonly version: string;
}

let known: Found | undefined;

export function packageVersion(): string {
  return found().version;
}

/** Where package.json is, and what lies beside it. */
export function packageFolder(): string {
  return found().folder;
}

function found(): Found {
  known ??= foundAbove(import.meta.dirname);
  return known;
}

function foundAbove(folder: string): Found {
  const file = path.join(folder, "package.json");
  const read = existsSync(file) ? manifest.safeParse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
  if (read?.success === true) return { folder, version: read.data.version };
  const above = path.dirname(folder);
  return above === folder ? { folder, version: "unknown" } : foundAbove(above);
}
