import { Option, type Command } from "commander";
import type { TemplateFlags, TestFlags } from "#src/cli/commands/template.ts";
import type { NewFlags, OfferedFlags } from "#src/cli/commands/template-new.ts";
import { examples, inputs, json, positiveNumber, stored, tooled, type Door } from "#src/cli/grammar/options.ts";
import type { GivenInputs } from "#src/cli/plan-file.ts";
import { TEMPLATE_KINDS } from "#src/templates/template.ts";

// The commands `template …`: their words, options and examples. What they do is loaded when they are called, so that `--help` reads no
// template.

const TEMPLATE = "its name, or name@range";
const DEFAULT_PLANS = 500;

export function addTemplate(template: Command, { terminal, done }: Door): void {
  template
    .description("plans and steps with places for parameters: make, list, show and test them")
    .addHelpText("after", examples("template new notes", "template list", "template test", "template offered"));
  addMaking(template, { terminal, done });
  json(template.command("list"))
    .description("list the templates of the configuration's folders and packages, with what is wrong with them")
    .addHelpText("after", examples("template list", "template list --json"))
    .action(async (flags: TemplateFlags) =>
      done((await import("#src/cli/commands/template.ts")).listTemplates(flags, terminal)),
    );
  json(inputs(template.command("show").argument("<template>", TEMPLATE)))
    .description(
      "show a template with what it inherits; with values for its parameters, the plan or step that it gives",
    )
    .addHelpText("after", examples("template show notes", "template show notes@^1 --input since=v1.2"))
    .action(async (name: string, flags: TemplateFlags & GivenInputs) =>
      done((await import("#src/cli/commands/template.ts")).showTemplate(name, flags, terminal)),
    );
  json(tooled(template.command("test").argument("[template]", "by default all")))
    .description("run the examples that templates state, and check every plan that they give")
    .addHelpText("after", examples("template test", "template test notes --tools ./tools.ts"))
    .action(async (name: string | undefined, flags: TestFlags) =>
      done(await (await import("#src/cli/commands/template.ts")).testTemplates(name, flags, terminal)),
    );
}

function addMaking(template: Command, { terminal, done }: Door): void {
  looking(template.command("new").argument("<name>", "of the new template"))
    .description("write a template to start from, or make one of a plan: what its tools are given becomes parameters")
    .option("--from <source>", "a plan file, a plan (its id or `last`), or the id of a sub-plan that is offered")
    .addOption(new Option("--kind <kind>", "of one made from nothing").choices(TEMPLATE_KINDS).default("plan"))
    .option("--out <dir>", "folder that it is written to (default: where templates are found)")
    .addHelpText(
      "after",
      examples("template new notes", "template new notes --from notes.yaml", "template new careful --kind policies"),
    )
    .action(async (name: string, flags: NewFlags) =>
      done(await (await import("#src/cli/commands/template-new.ts")).newTemplate(name, flags, terminal)),
    );
  looking(template.command("offered"))
    .description("offer as templates what recurs in plans that succeeded: connected calls that three or more have")
    .addHelpText("after", examples("template offered", "template offered --plans 2000 --json"))
    .action(async (flags: OfferedFlags) =>
      done(await (await import("#src/cli/commands/template-new.ts")).offered(flags, terminal)),
    );
}

function looking(command: Command): Command {
  return json(stored(command)).option(
    "--plans <n>",
    "plans that are looked at, the newest first",
    positiveNumber,
    DEFAULT_PLANS,
  );
}
