import { existsSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { isJsonObject } from "#events/json.ts";
import type { Finding, Remark } from "#src/language/finding.ts";
import { findingsAt, isInside, readFolder, type FolderOfTemplates } from "#src/templates/folder.ts";
import { readSource } from "#src/plan-files/source-file.ts";

// The templates of an npm package: its package.json says `"planwright": { "templates": "FOLDER" }`. The package is one that is installed,
// found as Node finds packages from the project's directory upward; nothing is downloaded, and nothing of the package runs.
//
// P1. A name is looked for only where it is one: no part of it leads anywhere else.
// P2. The folder is inside of the package, also where a link leads.

const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const MAX_NAME_CHARS = 214;

/** Codes: template-package-missing, template-package-malformed, template-outside, and those of `readFolder`. */
export function readPackage(name: string, directory: string): FolderOfTemplates {
  const found = packageFolder(name, directory);
  if (found === undefined) {
    const message = `there is no package ${JSON.stringify(name)} in node_modules (looked from ${directory})`;
    return wrong(name, { code: "template-package-missing", message });
  }
  const folder = templatesOf(found);
  if (typeof folder !== "string") return wrong(path.join(found, "package.json"), folder);
  return readFolder(folder, realpathSync(found));
}

function isPackageName(name: string): boolean {
  return name.length <= MAX_NAME_CHARS && PACKAGE_NAME.test(name);
}

function packageFolder(name: string, directory: string): string | undefined {
  if (!isPackageName(name)) return undefined;
  let from = path.resolve(directory);
  for (;;) {
    const folder = path.join(from, "node_modules", name);
    if (existsSync(path.join(folder, "package.json"))) return folder;
    const above = path.dirname(from);
    if (above === from) return undefined;
    from = above;
  }
}

function templatesOf(folder: string): string | Remark {
  const said = saidIn(path.join(folder, "package.json"));
  if (typeof said !== "string") return said;
  const place = path.join(folder, said);
  const outside = {
    code: "template-outside",
    message: `its templates folder ${JSON.stringify(said)} is not inside of it`,
  };
  if (path.isAbsolute(said) || !isInside(place, folder)) return outside;
  try {
    if (!isInside(realpathSync(place), realpathSync(folder))) return outside;
    if (statSync(place).isDirectory()) return place;
  } catch {
    // Not there, or not to be looked at: the same answer as for what is no folder.
  }
  return { code: "template-package-malformed", message: `it has no folder ${JSON.stringify(said)}` };
}

function saidIn(file: string): string | Remark {
  try {
    const parsed = readSource(file, "template-file-unreadable");
    const value = parsed.ok ? parsed.source.root.value : undefined;
    const own = isJsonObject(value) ? value.planwright : undefined;
    const templates = isJsonObject(own) ? own.templates : undefined;
    if (typeof templates === "string" && templates !== "") return templates;
    const message = 'its package.json names no folder of templates: "planwright": { "templates": "templates" }';
    return { code: "template-package-malformed", message };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { code: "template-package-malformed", message: `its package.json cannot be read: ${why}` };
  }
}

function wrong(file: string, remark: Remark): FolderOfTemplates {
  const findings: readonly Finding[] = findingsAt(file, remark);
  return { sources: [], findings };
}
