import process from "node:process";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { CODEBASE_MODULE } from "#src/implementation/codebase/module-name.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { categorize } from "#src/tools/categorize.ts";
import { ToolFailure, type Tool, type ToolContext } from "#src/tools/define.ts";
import { BUILTIN, toolsOfModule } from "#src/tools/module.ts";
import { runTool, type ToolOutcome } from "#src/tools/run.ts";
import type { CellCommand, CellReport, RunMessage } from "../messages.ts";
import { liveLog, liveProgress } from "./live.ts";

// Inside a cell: loads the tool that a message names and runs it as the loop would, with everything that its context
// reaches on the other end of the line.
//
// I1. One attempt at a time. What an executor says of another one is ignored.
// I2. What is thrown where no tool can catch it is told, and ends the cell.
// I3. A line that broke off aborts what runs; the cell ends when that has stopped.

export interface Line {
  report(message: CellReport): void;
  /** Calls back when all that was reported has left; then nothing more will be. */
  end(callback: () => void): void;
  /** What this process holds of the machine's memory. */
  rssBytes(): number;
}

interface Running {
  readonly run: number;
  readonly abort: AbortController;
  readonly secrets: Map<number, PromiseWithResolvers<string>>;
  readonly ended: Promise<void>;
}

export class Service {
  private readonly line: Line;
  private running: Running | undefined;
  private asked = 0;

  constructor(line: Line) {
    this.line = line;
  }

  /** Takes what its own executor sent. */
  hear(message: unknown): void {
    const command = message as CellCommand;
    switch (command.kind) {
      case "run":
        this.start(command);
        return;
      case "abort":
        if (command.run === this.running?.run)
          this.running.abort.abort(new DOMException(command.message, command.name));
        return;
      case "secret":
        this.takeSecret(command)?.resolve(command.value);
        return;
      case "no-secret": {
        const { category, code, message } = command.error;
        this.takeSecret(command)?.reject(new ToolFailure(category, message, { code }));
        return;
      }
      case "end":
        process.exit();
    }
  }

  /** The line broke off. */
  async lost(): Promise<void> {
    this.running?.abort.abort(new DOMException("the executor is gone", "AbortError"));
    await this.running?.ended;
    process.exit();
  }

  crash(error: unknown): void {
    this.line.report({ kind: "crashed", message: categorize(error).message });
    this.line.end(() => process.exit(1));
  }

  private start(command: RunMessage): void {
    const { run } = command;
    this.line.report({ kind: "begun", run });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.running = { run, abort: new AbortController(), secrets: new Map(), ended: promise };
    const report = (outcome: ToolOutcome): void => {
      this.line.report({ kind: "outcome", run, outcome, rssBytes: this.line.rssBytes() });
      this.running = undefined;
      resolve(undefined);
    };
    void this.run(command, this.running).then(report, (error: unknown) =>
      report({ ok: false, error: categorize(error) }),
    );
  }

  private async run(command: RunMessage, running: Running): Promise<ToolOutcome> {
    const tool = await toolOf(command);
    if ("category" in tool) return { ok: false, error: tool };
    running.abort.signal.throwIfAborted();
    return runTool(tool, command.args, this.contextOf(command, running));
  }

  private contextOf({ run, idempotencyKey, roots }: RunMessage, { abort, secrets }: Running): ToolContext {
    const { signal } = abort;
    return {
      signal,
      roots,
      idempotencyKey,
      clock: systemClock,
      progress: (update) => this.line.report({ kind: "progress", run, ...liveProgress(update) }),
      log: (message, fields) => this.line.report({ kind: "log", run, ...liveLog(message, fields) }),
      secret: (reference) => {
        const answer = Promise.withResolvers<string>();
        const id = ++this.asked;
        secrets.set(id, answer);
        this.line.report({ kind: "secret", run, id, reference: { $secret: reference.$secret } });
        return answer.promise;
      },
    };
  }

  private takeSecret({ run, id }: { readonly run: number; readonly id: number }) {
    if (run !== this.running?.run) return undefined;
    const answer = this.running.secrets.get(id);
    this.running.secrets.delete(id);
    return answer;
  }
}

async function toolOf({ module, tool, version }: RunMessage): Promise<Tool | ErrorInfo> {
  const missing = (why: string): ErrorInfo =>
    errorOf("bug", "isolated-tool-missing", `${tool} ${version} cannot be isolated: ${module} ${why}`);
  try {
    const tools = await (OWN.get(module)?.() ?? toolsOfModule(module));
    const found = tools.find(({ name }) => name === tool);
    if (found?.version === version) return found;
    return missing(found === undefined ? "does not export it" : `exports version ${found.version} of it by now`);
  } catch (error) {
    return missing(`failed while it was loaded: ${categorize(error).message}`);
  }
}

/** Tools of this program: a build may have put them anywhere. */
const OWN: ReadonlyMap<string, () => Promise<readonly Tool[]>> = new Map([
  [BUILTIN, async () => (await import("#src/tools/builtin/all.ts")).builtinTools],
  [CODEBASE_MODULE, async () => [(await import("#src/implementation/codebase/code-context.ts")).codeContext]],
]);
