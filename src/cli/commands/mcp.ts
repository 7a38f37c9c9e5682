import process from "node:process";
import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { asStoreLocked } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { grantsOf, hasGrants, type Grants } from "#src/cli/grants.ts";
import { openHolder, type Holder, type HolderFlags } from "#src/cli/holder.ts";
import { untilAborted, watchInterruption } from "#src/cli/interrupt.ts";
import { aloud, commandLog } from "#src/cli/log.ts";
import { StandingConnection, type StandingOptions } from "#src/cli/standing-connection.ts";
import { takeUp } from "#src/cli/taken-up.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { openTools } from "#src/cli/open-tools.ts";
import { MCP_DOCUMENTS } from "#src/mcp-documents.ts";
import { serveStreams } from "#src/mcp/stdio.ts";
import type { ModelRecorder } from "#src/model/recording.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { packageVersion } from "#src/ports/system/package-version.ts";
import type { ToolRegistry, ToolSource } from "#src/tools/registry.ts";

// `mcp`: the Model Context Protocol on stdin and stdout, for whoever started this process. It asks the process that holds the
// store; where nobody does, it holds the store itself, as `serve` does, until its input ends.
//
// M1. stdout carries messages of the protocol and nothing else: what a tool prints goes to stderr.
// M2. The end of the input, or a signal, ends it at once: plans that ran here go on with whoever holds the store next.

export interface McpFlags extends HolderFlags {
  readonly json?: boolean;
}

/** Of the conversation's name. */
const NAME_BYTES = 16;

/** How long a client may take to read what was said before the end. */
const SAID_WITHIN_MS = 300;

/** Faults: `store-locked` where options mean this process, and those of grants, tools and opening a store. */
export async function mcp(flags: McpFlags, terminal: Terminal): Promise<ExitCode> {
  const grants = grantsOf(flags);
  const tell = teller(flags, terminal);
  await using output = protocolOutput();
  using interruption = watchInterruption();
  const { signal } = interruption;
  const { configuration } = flags;
  const warn = (message: string): void => tell({ kind: "problem", message });
  await using opened = await openTools(grants.tools, { configuration, tell: warn, signal, store: flags });
  const { tools, sources, recorder } = opened;
  await using standing = new StandingConnection(standingOptions({ grants, tools, sources, recorder }, { flags, tell }));
  await standing.begin(signal);
  const log = aloud(await commandLog(), warn);
  const conversation = `mcp-${Buffer.from(systemRandom.bytes(NAME_BYTES)).toString("hex")}`;
  const door = { client: standing.client, clock: systemClock, log, conversation, version: packageVersion() };
  await using connection = await serveStreams(
    { ...door, documents: MCP_DOCUMENTS },
    { input: process.stdin, output: output.stream },
  );
  await untilAborted(AbortSignal.any([signal, connection.closed]));
  process.stdin.destroy();
  return EXIT.ok;
}

interface Told {
  readonly kind: "held" | "holds" | "problem";
  readonly message: string;
}

type Tell = (told: Told) => void;

function teller({ json }: McpFlags, terminal: Terminal): Tell {
  return (told) => terminal.err(json === true ? JSON.stringify(told) : told.message);
}

interface Given {
  readonly grants: Grants;
  readonly tools: ToolRegistry;
  readonly sources: readonly ToolSource[];
  readonly recorder: ModelRecorder | undefined;
}

function standingOptions(given: Given, { flags, tell }: { readonly flags: McpFlags; readonly tell: Tell }) {
  const say = (message: string): void => tell({ kind: "problem", message });
  const options: StandingOptions = {
    flags,
    open: (signal) => openHolder(flags, "mcp", { ...given, signal, tell: say, tellsOn: true }),
    onLink: async (by) => {
      if ("own" in by) return begun(by.own, tell);
      if (hasGrants(flags)) throw await asStoreLocked(by.other);
      const { store, pid, command } = await by.other.status({});
      tell({ kind: "held", message: `MCP on stdio; ${store} is held by process ${pid} (${command})` });
    },
  };
  return options;
}

async function begun(holder: Holder, tell: Tell): Promise<void> {
  await holder.openSocket();
  tell({ kind: "holds", message: `MCP on stdio; this process holds ${holder.store.name}` });
  if (holder.engine.share !== undefined) return;
  await takeUp(holder, (message) => tell({ kind: "problem", message }), new AbortController().signal);
}

/** M1: what was stdout is the protocol's alone from now on. */
function protocolOutput(): AsyncDisposable & { readonly stream: Writable } {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string, encoding, done) => void write(text, encoding, done),
  });
  return {
    stream,
    [Symbol.asyncDispose]: async () => {
      stream.end();
      const late = new AbortController();
      const timer = systemClock.after(SAID_WITHIN_MS, () => late.abort(), { background: true });
      await finished(stream, { signal: late.signal }).catch(() => undefined);
      timer[Symbol.dispose]();
    },
  };
}
