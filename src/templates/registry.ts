import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import type { Finding } from "#src/language/finding.ts";
import { readFolder } from "#src/templates/folder.ts";
import { templateLibrary, type TemplateLibrary } from "#src/templates/library.ts";
import { readPackage } from "#src/templates/package-folder.ts";

// Where templates are found: in folders and installed packages that the configuration names, else in `templates` beside the plans.
// The border between files and the library, which knows none.

export interface TemplateSettings {
  /** Folders by absolute path, packages by name; what is first counts where two have a template of one name and version. */
  readonly templates?: readonly string[] | undefined;
  /** Where plans are found: `templates` beside them is looked at where nothing is named. */
  readonly plans?: readonly string[] | undefined;
  /** Of the configuration, or where the command runs: packages are found from here. */
  readonly directory: string;
}

const DEFAULT_FOLDER = "templates";

/** Never fails: what is wrong is among the findings, and all else is there. */
export function templateRegistry(settings: TemplateSettings): TemplateLibrary {
  const findings: Finding[] = [];
  const places = templatePlaces(settings).map((name) => {
    const read = path.isAbsolute(name) ? readFolder(name) : readPackage(name, settings.directory);
    findings.push(...read.findings);
    return { name, sources: read.sources };
  });
  const library = templateLibrary(places);
  return { ...library, findings: [...findings, ...library.findings] };
}

function templatePlaces({ templates, plans = [], directory }: TemplateSettings): readonly string[] {
  const named = templates ?? [directory, ...plans].map((place) => besides(place)).filter((place) => existsSync(place));
  const real = new Map(named.map((place) => [path.isAbsolute(place) ? realOf(place) : place, place]));
  return [...real.values()];
}

/** Of a folder in it, of a file next to it. */
function besides(place: string): string {
  const folder = path.resolve(/\.(?:yaml|yml|json)$/.test(place) ? path.dirname(place) : place);
  return path.join(folder, DEFAULT_FOLDER);
}

/** A folder that is not there is found out when it is read. */
function realOf(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    return place;
  }
}
