import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

// The version of this package, from its own package.json: above the sources in a checkout, above dist/ where it is installed.

const manifest = z.object({ name: z.literal("planwright"), version: z.string() });

let known: string | undefined;

export function packageVersion(): string {
  known ??= versionAbove(import.meta.dirname);
  return known;
}

function versionAbove(folder: string): string {
  const file = path.join(folder, "package.json");
  const found = existsSync(file) ? manifest.safeParse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
  if (found?.success === true) return found.data.version;
  const above = path.dirname(folder);
  return above === folder ? "unknown" : versionAbove(above);
}
