// A process that holds a store and serves it, as another terminal or program finds it.
import { execute, type Ran, type RunOptions } from "./command.ts";
import { planwrightCommand } from "./command.ts";
import type { Workplace } from "./workplace.ts";

export interface Serving {
  readonly pid: number;
  readonly url: string;
  kill(signal: NodeJS.Signals): void;
  /** How the process ended. */
  readonly ended: Promise<Ran>;
}

/** Starts `planwright serve` in the workplace; resolves when it serves. */
export function serving(
  place: Workplace,
  args: readonly string[] = [],
  more: Partial<RunOptions> = {},
): Promise<Serving> {
  return new Promise((resolve, reject) => {
    let pid = 0;
    let kill: Serving["kill"] = () => undefined;
    const ended = execute(planwrightCommand("serve", "--json", ...args), {
      cwd: place.path,
      ...more,
      onStart: (child) => {
        pid = child.pid;
        kill = (signal) => child.kill(signal);
      },
      onStdout: (text) => {
        const [line = "", ...rest] = text.split("\n");
        if (rest.length === 0) return;
        const { url } = JSON.parse(line) as { url: string };
        resolve({ pid, url, kill, ended });
      },
    });
    ended.then((ran) => reject(new Error(`serve ended with ${ran.code}: ${ran.stderr}`)), reject);
  });
}
