import process from "node:process";
import type { Command } from "commander";
import type { Configuration } from "#src/config/configuration.ts";
import { locateConfiguration } from "#src/config/locate.ts";
import type { Findings } from "#src/cli/findings.ts";

// The configuration file at the command line: read once, before the command runs, and handed to it among its options as
// `configuration`. The folder of the store comes from it wherever a command has `--store` and it was not given; so does what
// is said of NATS, where those who share a store keep its payloads.
//
// C1. An option that was given wins over the file, whatever the command.
// C2. A file with a mistake stops every command but `config`, which shows what is wrong with it.

/** Thrown where the file is wrong. */
export class WrongConfiguration extends Error {
  readonly findings: Findings;

  constructor(findings: Findings) {
    super("the configuration file is wrong");
    this.findings = findings;
  }
}

/** Reads the file that counts here. Faults: `config-unreadable`, `config-twice`. Throws WrongConfiguration. */
export async function configurationHere(named: string | undefined): Promise<Configuration | undefined> {
  const read = await locateConfiguration({ named, environment: process.env, directory: "." });
  if (read === undefined) return undefined;
  if (!read.ok) throw new WrongConfiguration(read.findings);
  return read.configuration;
}

/** Gives a command what the file says. */
export async function configure(program: Command, command: Command): Promise<void> {
  if (command.name() === "config") return;
  const { config } = program.opts<{ config?: string }>();
  const configuration = await configurationHere(config);
  if (configuration === undefined) return;
  command.setOptionValueWithSource("configuration", configuration, "config");
  const { store, local, nats } = configuration.settings;
  const takesStore = command.options.some(({ long }) => long === "--store");
  if (takesStore && nats !== undefined) command.setOptionValueWithSource("nats", nats, "config");
  // What is kept beside the file's server is no other server's.
  if (!takesStore || store === undefined || command.getOptionValue("store") !== undefined) return;
  command.setOptionValueWithSource("store", store, "config");
  if (local !== undefined) command.setOptionValueWithSource("local", local, "config");
}
