import { readdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import type { Finding, Remark } from "#src/language/finding.ts";
import type { PlanSource } from "#src/language/parse.ts";
import { Report } from "#src/language/report.ts";
import { readSource } from "#src/plan-files/source-file.ts";

// The template files of one folder, as sources: `*.template.yaml`, `.yml` or `.json`.
//
// F1. A file that cannot be read is a finding; the others are there. What is no file (a pipe, a device) is not opened.
// F2. Where a folder has a wall, what its links lead to outside of that is refused unread.

export interface FolderOfTemplates {
  readonly sources: readonly PlanSource[];
  readonly findings: readonly Finding[];
}

const TEMPLATE_FILE = /\.template\.(?:yaml|yml|json)$/;
const MAX_TEMPLATE_FILES = 1_000;

/** Codes: templates-unreadable, too-many-template-files, template-outside, template-file-unreadable, plan-too-large, and those of reading YAML and JSON. */
export function readFolder(folder: string, wall?: string): FolderOfTemplates {
  const names = namesIn(folder);
  if ("code" in names) return { sources: [], findings: findingsAt(folder, names) };
  const sources: PlanSource[] = [];
  const findings: Finding[] = [];
  for (const name of names) {
    const read = readFile(path.join(folder, name), wall);
    if ("sources" in read) sources.push(...read.sources);
    else findings.push(...read.findings);
  }
  return { sources, findings };
}

/** Something that is wrong with a whole file or folder. */
export function findingsAt(file: string, remark: Remark): readonly Finding[] {
  const report = new Report({ file, text: "" });
  report.error([], remark);
  return report.findings();
}

function namesIn(folder: string): readonly string[] | Remark {
  try {
    const names = readdirSync(folder).filter((name) => TEMPLATE_FILE.test(name));
    if (names.length <= MAX_TEMPLATE_FILES) return names.sort();
    const message = `${names.length} template files are more than the ${MAX_TEMPLATE_FILES} that are looked at`;
    return { code: "too-many-template-files", message };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { code: "templates-unreadable", message: `templates cannot be looked for here: ${why}` };
  }
}

type ReadFile = { readonly sources: readonly PlanSource[] } | { readonly findings: readonly Finding[] };

function readFile(file: string, wall: string | undefined): ReadFile {
  try {
    if (wall !== undefined && !isInside(realpathSync(file), wall)) {
      const message = "it is a link that leads out of the package";
      return { findings: findingsAt(file, { code: "template-outside", message }) };
    }
    if (!statSync(file).isFile()) return { sources: [] };
    const parsed = readSource(file, "template-file-unreadable");
    return parsed.ok ? { sources: [parsed.source] } : { findings: parsed.findings.slice(0, 1) };
  } catch (error) {
    if (error instanceof Fault)
      return { findings: findingsAt(file, { code: String(error.code), message: error.message }) };
    const why = error instanceof Error ? error.message : String(error);
    return { findings: findingsAt(file, { code: "template-file-unreadable", message: `it cannot be read: ${why}` }) };
  }
}

/** Both are real paths. */
export function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
