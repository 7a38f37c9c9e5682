import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import { Fault } from "#events/fault.ts";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { refuseFindings } from "#src/cli/findings.ts";
import { definitionOf, offerUnknown, pastGraphs } from "#src/cli/past-plans.ts";
import { isSomewhere } from "#src/cli/serving.ts";
import { templateSettings } from "#src/cli/templates-here.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText, plural } from "#src/cli/text.ts";
import { readWrittenPlans } from "#src/cli/written-plans.ts";
import type { Finding } from "#src/language/finding.ts";
import { TEMPLATE_NAME } from "#src/templates/file-schema.ts";
import { templateOf } from "#src/templates/generalised.ts";
import { offeredTemplates, type Offered } from "#src/templates/recurring/offered.ts";
import { scaffold } from "#src/templates/scaffold.ts";
import type { TemplateKind } from "#src/templates/template.ts";
import { writtenPlan } from "#src/templates/written-plan.ts";
import { yamlText } from "#src/templates/yaml-text.ts";

// `template new` and `offered`: a template from nothing, from a plan file, from a plan of the past, or from what recurs in those.
// A file that is there is never overwritten.

export interface OfferedFlags extends StoreFlags {
  /** Plans that are looked at. */
  readonly plans: number;
}

export interface NewFlags extends OfferedFlags {
  readonly kind: TemplateKind;
  /** A plan file, a plan's id, or the id of something offered. */
  readonly from?: string;
  /** The folder that it is written to. */
  readonly out?: string;
}

/** Faults: `bad-template-name`, `template-exists`, `template-unwritable`, `offer-unknown`, those of plan files and of plans by id. */
export async function newTemplate(name: string, flags: NewFlags, terminal: Terminal): Promise<ExitCode> {
  if (!TEMPLATE_NAME.test(name)) {
    throw new Fault(
      "bad-template-name",
      `${JSON.stringify(name)} is no name: a lower-case letter, then letters, digits, _ . or -`,
    );
  }
  const made = await madeFrom(name, flags);
  if ("findings" in made) return refuseFindings(made.findings, terminal, flags.json === true);
  const file = path.join(flags.out ?? folderFor(flags), `${name}.template.yaml`);
  await writeNew(file, made.text);
  if (flags.json === true) terminal.out(JSON.stringify({ template: name, file, parameters: made.parameters }));
  else terminal.out(`${file}: try it by \`planwright template test ${name}\``);
  return EXIT.ok;
}

interface Made {
  readonly text: string;
  readonly parameters: readonly string[];
}

async function madeFrom(name: string, flags: NewFlags): Promise<Made | { readonly findings: readonly Finding[] }> {
  const { from, kind } = flags;
  if (from === undefined) return { text: scaffold(name, kind), parameters: [] };
  if (/^sub-[0-9a-f]+$/.test(from)) {
    const { templates } = await offeredHere(flags);
    const offer = templates.find(({ id }) => id === from);
    if (offer === undefined) throw offerUnknown(from);
    return written({ ...offer.template, template: name });
  }
  if (!existsSync(from)) {
    const definition = await reading(flags, (client) => definitionOf(client, from));
    return written(templateOf(name, writtenPlan(definition)));
  }
  const plan = await readWrittenPlans(from);
  if (!plan.ok) return plan;
  const { value } = plan.source.root;
  return written(templateOf(name, isJsonObject(value) ? value : {}));
}

function written(template: JsonObject): Made {
  const { parameters } = template;
  return { text: yamlText(template), parameters: isJsonObject(parameters) ? Object.keys(parameters) : [] };
}

/** The first folder where templates are found. */
function folderFor({ configuration }: NewFlags): string {
  const { templates = [], directory } = templateSettings(configuration);
  return templates.find((place) => path.isAbsolute(place)) ?? path.join(directory, "templates");
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { flag: "wx" });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST" && existsSync(file)) {
      throw new Fault("template-exists", `${file} is there already`, { cause });
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("template-unwritable", `${file} cannot be written: ${why}`, { cause });
  }
}

/** A directory without a store has no history; asking for it does not make one. */
export async function offered(flags: OfferedFlags, terminal: Terminal): Promise<ExitCode> {
  const found = await offeredHere(flags);
  if (flags.json === true) terminal.out(JSON.stringify(found));
  else printOffered(found, terminal);
  return EXIT.ok;
}

async function offeredHere(flags: OfferedFlags): Promise<Offered> {
  return offeredTemplates(isSomewhere(flags) ? await reading(flags, (client) => pastGraphs(client, flags.plans)) : []);
}

const MAX_LINE_CHARS = 300;

function printOffered({ templates, plans, isComplete }: Offered, terminal: Terminal): void {
  for (const { id, plans: having, tools, template } of templates) {
    const parameters = isJsonObject(template.parameters) ? Object.keys(template.parameters) : [];
    const takes = parameters.length === 0 ? "no parameters" : parameters.join(", ");
    terminal.out(
      `${terminal.paint("bold", id)}  in ${plural(having.length, "plan")}: ${lineText(tools.join(" -> "), MAX_LINE_CHARS)}`,
    );
    terminal.out(`  ${terminal.paint("dim", lineText(takes, MAX_LINE_CHARS))}`);
  }
  if (templates.length === 0) terminal.out(`nothing recurs in ${plural(plans, "different plan")} that succeeded`);
  else terminal.out("take one over by: planwright template new NAME --from ID");
  if (!isComplete) terminal.err("warning: there was more to look at than is looked at; there may be more");
}
