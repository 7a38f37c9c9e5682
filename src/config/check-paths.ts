import { statSync } from "node:fs";
import path from "node:path";
import type { Configuration } from "#src/config/configuration.ts";
import type { Finding, Path } from "#src/language/finding.ts";
import { Report } from "#src/language/report.ts";

// Whether the paths of a configuration lead to what they should lead to. A command that does not go there runs without, and what it
// does without is said where it is missed.

type Kind = "directory" | "file" | "either";

/** Code: path-missing. */
export function checkPaths({ settings, file }: Configuration): readonly Finding[] {
  if (file?.source === undefined) return [];
  const report = new Report(file.source, file.source.root);
  const { root, tools = [], plans = [], templates = [], planner, secrets } = settings;
  const look = (place: string | undefined, at: Path, kind: Kind): void => {
    if (place === undefined || isThere(place, kind)) return;
    const what = kind === "either" ? "file or directory" : kind;
    report.error(at, { code: "path-missing", message: `there is no ${what} ${place}` });
  };
  look(root, ["root"], "directory");
  tools.forEach((tool, index) => look(path.isAbsolute(tool) ? tool : undefined, ["tools", index], "file"));
  plans.forEach((place, index) => look(place, ["plans", index], "either"));
  templates.forEach((place, index) => {
    look(path.isAbsolute(place) ? place : undefined, ["templates", index], "directory");
  });
  look(planner, ["planner"], "file");
  look(secrets?.files?.directory, ["secrets", "files", "directory"], "directory");
  return report.findings();
}

function isThere(place: string, kind: Kind): boolean {
  try {
    const found = statSync(place);
    return kind === "either" || (kind === "directory" ? found.isDirectory() : found.isFile());
  } catch {
    // Not there, too long, a circle of links, or behind a closed folder.
    return false;
  }
}
