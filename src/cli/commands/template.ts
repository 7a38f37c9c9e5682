import type { JsonObject } from "#events/json.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { hasErrors, printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { openTools } from "#src/cli/open-tools.ts";
import { givenInputs, type GivenInputs } from "#src/cli/plan-file.ts";
import { namedTemplate, templatesHere } from "#src/cli/templates-here.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText, plural, safeText } from "#src/cli/text.ts";
import type { Configuration } from "#src/config/configuration.ts";
import { limitsFrom } from "#src/config/limits.ts";
import type { Finding } from "#src/language/finding.ts";
import { formatFindings } from "#src/language/format.ts";
import { inputsFromText } from "#src/language/inputs.ts";
import { folderLibrary } from "#src/plan-files/folder-library.ts";
import { instantiated } from "#src/templates/instantiate.ts";
import { keyOf, type WholeTemplate } from "#src/templates/template.ts";
import { templateView } from "#src/templates/template-view.ts";
import { triedTemplate, type TrialResult } from "#src/templates/trial.ts";
import { yamlText } from "#src/templates/yaml-text.ts";

// `template list`, `show` and `test`: the templates there are, what they take and give, and whether they do what they say. A file that
// is wrong is told of, and hides no other.

export interface TemplateFlags {
  readonly json?: boolean;
  readonly configuration?: Configuration;
}

/** What is wrong with files is told beside the list; it is no failure of the command. */
export function listTemplates({ json, configuration }: TemplateFlags, terminal: Terminal): ExitCode {
  const { templates, findings } = templatesHere(configuration);
  if (json === true) {
    terminal.out(JSON.stringify({ templates: templates.map(templateView), findings }));
    return EXIT.ok;
  }
  printWarnings(findings, terminal);
  for (const template of templates) terminal.out(rowText(template, terminal));
  if (templates.length === 0) terminal.out("no templates yet; start one by: planwright template new NAME");
  return EXIT.ok;
}

const NAME_CHARS = 28;
const MAX_LINE_CHARS = 200;

function rowText(template: WholeTemplate, terminal: Terminal): string {
  const { kind, title, description, place } = template;
  const said = lineText(title ?? description ?? "", MAX_LINE_CHARS);
  return `${terminal.paint("bold", keyOf(template).padEnd(NAME_CHARS))} ${kind.padEnd(8)} ${said}${said === "" ? "" : "  "}${terminal.paint("dim", place)}`;
}

/** With values for its parameters, what comes out. Faults: `unknown-template`, `bad-input-option`, `inputs-unreadable`. */
export function showTemplate(reference: string, flags: TemplateFlags & GivenInputs, terminal: Terminal): ExitCode {
  const template = namedTemplate(templatesHere(flags.configuration), reference);
  if (flags.input.length > 0 || flags.inputs !== undefined) return showInstance(template, flags, terminal);
  if (flags.json === true) terminal.out(JSON.stringify(templateView(template)));
  else terminal.out(textOf(template, terminal));
  return EXIT.ok;
}

function showInstance(template: WholeTemplate, flags: TemplateFlags & GivenInputs, terminal: Terminal): ExitCode {
  const given = givenInputs(flags);
  if (!given.ok) return refuseFindings(given.findings, terminal, flags.json === true);
  const { inputs, texts } = given.value;
  const values = { ...inputs, ...inputsFromText({ inputs: template.parameters }, texts) };
  const made = instantiated(template, values);
  if (!made.ok) return refuseFindings(made.findings, terminal, flags.json === true);
  terminal.out(flags.json === true ? JSON.stringify(made.source) : safeText(yamlText(made.source)).trimEnd());
  return EXIT.ok;
}

function textOf(template: WholeTemplate, terminal: Terminal): string {
  const { parameters, body, policies, ...view } = templateView(template);
  const { title, description, lineage, place, file, requests, tests } = view;
  const lines = [
    `${terminal.paint("bold", keyOf(template))} ${template.kind}`,
    ...[title, description].flatMap((said) => (said === undefined ? [] : [safeText(said)])),
    `from ${file} (${place})`,
    ...(lineage.length === 0 ? [] : [`extends ${lineage.join(", ")}`]),
    ...requests.map((request) => `for: ${lineText(request, MAX_LINE_CHARS)}`),
    ...(tests === 0 ? [] : [plural(tests, "test")]),
  ];
  const parts: JsonObject = {
    parameters,
    policies,
    ...(template.kind === "policies" ? {} : { [template.kind]: body }),
  };
  return `${lines.join("\n")}\n${safeText(yamlText(parts)).trimEnd()}`;
}

export interface TestFlags extends TemplateFlags {
  readonly tools?: readonly string[];
}

/** All templates, or one. Ends as not right where a test is not met or a file is wrong. Fault: `unknown-template`. */
export async function testTemplates(
  reference: string | undefined,
  flags: TestFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const { configuration } = flags;
  const library = templatesHere(configuration);
  const { templates, findings } =
    reference === undefined ? library : { templates: [namedTemplate(library, reference)], findings: [] };
  await using opened = await openTools(flags.tools, { configuration, tell: (line) => terminal.err(line) });
  const { settings } = configuration ?? {};
  const check = { tools: opened.tools, plans: folderLibrary(settings?.plans ?? []), limits: limitsFrom(settings) };
  const tried = templates.map((template) => ({ template, results: triedTemplate(template, check) }));
  const isOk = !hasErrors(findings) && tried.every(({ results }) => results.every(({ ok }) => ok));
  if (flags.json === true) {
    const shown = tried.map(({ template, results }) => ({ template: keyOf(template), results }));
    terminal.out(JSON.stringify({ ok: isOk, templates: shown, findings }));
  } else printTried(tried, findings, terminal);
  return isOk ? EXIT.ok : EXIT.usage;
}

interface Tried {
  readonly template: WholeTemplate;
  readonly results: readonly TrialResult[];
}

function printTried(tried: readonly Tried[], findings: readonly Finding[], terminal: Terminal): void {
  printWarnings(findings, terminal);
  for (const { template, results } of tried) printResults(template, results, terminal);
  if (tried.length === 0) terminal.out("no templates");
}

function printResults(template: WholeTemplate, results: readonly TrialResult[], terminal: Terminal): void {
  const key = keyOf(template);
  if (results.length === 0 && template.kind !== "policies") {
    terminal.err(
      `${terminal.paint("yellow", "untested", "err")}: ${key} states no test, and cannot be made without values`,
    );
  }
  for (const { test, ok, problems, findings } of results) {
    terminal.out(
      `${ok ? terminal.paint("green", "ok") : terminal.paint("red", "not ok")}: ${key}: ${lineText(test, MAX_LINE_CHARS)}`,
    );
    if (ok) continue;
    for (const problem of problems) terminal.err(`  ${safeText(problem)}`);
    if (findings.length > 0) terminal.err(safeText(formatFindings(findings)));
  }
}
