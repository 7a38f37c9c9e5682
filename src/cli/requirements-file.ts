import type { Findings } from "#src/cli/findings.ts";
import type { Read } from "#src/cli/plan-file.ts";
import { readRequirements } from "#src/implementation/requirements/read-requirements.ts";
import type { RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import { readSource } from "#src/plan-files/source-file.ts";

export interface RequirementsRead {
  readonly file: RequirementsFile;
  readonly warnings: Findings;
}

/** A file of requirements, as a command is given it. Fault: `requirements-unreadable`. */
export function requirementsIn(name: string): Read<RequirementsRead> {
  const parsed = readSource(name, "requirements-unreadable");
  if (!parsed.ok) return parsed;
  const read = readRequirements(parsed.source);
  return read.ok ? { ok: true, value: { file: read.file, warnings: read.warnings } } : read;
}
