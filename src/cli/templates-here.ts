import path from "node:path";
import { Fault } from "#events/fault.ts";
import type { Configuration } from "#src/config/configuration.ts";
import type { TemplateLibrary } from "#src/templates/library.ts";
import { templateRegistry, type TemplateSettings } from "#src/templates/registry.ts";
import type { WholeTemplate } from "#src/templates/template.ts";

/** Where the configuration says, seen from its directory; else from here. */
export function templateSettings(configuration: Configuration | undefined): TemplateSettings {
  const { templates, plans } = configuration?.settings ?? {};
  return { templates, plans, directory: path.resolve(path.dirname(configuration?.file?.name ?? "here")) };
}

export function templatesHere(configuration: Configuration | undefined): TemplateLibrary {
  return templateRegistry(templateSettings(configuration));
}

/** Fault: `unknown-template`. */
export function namedTemplate(library: TemplateLibrary, reference: string): WholeTemplate {
  const found = library.find(reference);
  if (!("code" in found)) return found;
  const meant = found.suggestion === undefined ? "" : `; did you mean ${found.suggestion}?`;
  throw new Fault("unknown-template", `${found.message}${meant}`);
}
