import { Argument, type Command } from "commander";
import type { Shell } from "#src/cli/commands/completion.ts";
import type { ConfigFlags } from "#src/cli/commands/config.ts";
import type { DoctorFlags } from "#src/cli/commands/doctor.ts";
import type { ToolFlags } from "#src/cli/commands/tools.ts";
import type { StoreFlags } from "#src/cli/connection.ts";
import { stored, json, tooled, granting, examples, type Door } from "#src/cli/grammar/options.ts";

// Commands about tools, the language, the store and the configuration: their words, options and examples.
// What they do is loaded when they are called.

export function addLookingAround(program: Command, { terminal, done }: Door): void {
  json(tooled(program.command("tools").argument("[name]", "one tool, with its schemas")))
    .description("list the tools that plans can call")
    .addHelpText("after", examples("tools", "tools http.json", "tools --tools ./tools.ts"))
    .action(async (name: string | undefined, flags: ToolFlags) =>
      done(await (await import("#src/cli/commands/tools.ts")).tools(name, flags, terminal)),
    );
  json(program.command("schema"))
    .description("print the JSON Schema of plans, which editors complete and check by")
    .addHelpText("after", examples("schema", "schema > plan.schema.json"))
    .action(async (flags: { readonly json?: boolean }) =>
      done((await import("#src/cli/commands/schema.ts")).schema(flags, terminal)),
    );
  json(stored(program.command("stats").argument("[tool]", "by default all that have run")))
    .description("show how tools have done so far: outcomes and latencies, one report a version")
    .addHelpText("after", examples("stats", "stats http.json --json"))
    .action(async (tool: string | undefined, flags: StoreFlags) =>
      done(await (await import("#src/cli/commands/stats.ts")).stats(tool, flags, terminal)),
    );
  json(stored(program.command("status")))
    .description("show who runs plans: coordinators with their partitions, executors with their slots and tools")
    .addHelpText("after", examples("status", "status --json"))
    .action(async (flags: StoreFlags) =>
      done(await (await import("#src/cli/commands/status.ts")).status(flags, terminal)),
    );
  json(stored(program.command("doctor")))
    .description("check the store: every checksum, every blob, who holds it, what is quarantined")
    .option("--release <plan>", "let a quarantined plan go on")
    .addHelpText("after", examples("doctor", "doctor --release 7f3a"))
    .action(async (flags: DoctorFlags) =>
      done(await (await import("#src/cli/commands/doctor.ts")).doctor(flags, terminal)),
    );
  json(granting(stored(program.command("config"))))
    .description("show what counts here: every setting, and the option, variable or line that it comes from")
    .option("--check", "only say what is wrong with the file, also where its paths lead nowhere")
    .option("--schema", "print the JSON Schema of the file")
    .addHelpText("after", examples("config", "config --check", "config --config ci.yaml --slots 4 --json"))
    .action(async (_: unknown, command: Command) =>
      done(
        await (await import("#src/cli/commands/config.ts")).config(command.optsWithGlobals<ConfigFlags>(), terminal),
      ),
    );
  json(program.command("completion").addArgument(new Argument("<shell>", "that reads it").choices(SHELLS)))
    .description("print a script with which a shell completes commands, options, their values and files")
    .addHelpText(
      "after",
      examples("completion bash > ~/.local/share/bash-completion/completions/planwright", "completion fish | source"),
    )
    .action(async (shell: Shell, { json }: { readonly json?: boolean }) => {
      const { completion } = await import("#src/cli/commands/completion.ts");
      done(completion({ shell, json }, program, terminal));
    });
}

const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];
