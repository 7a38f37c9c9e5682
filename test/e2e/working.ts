// A worker of an installation as a process.
import type { Serving } from "./serving.ts";
import type { Workplace } from "./workplace.ts";

/** Starts `planwright worker` in the workplace; resolves when it lends its slots. */
export function working(place: Workplace, ...args: readonly string[]): Promise<Pick<Serving, "kill" | "ended">> {
  return new Promise((resolve, reject) => {
    let kill: Serving["kill"] = () => undefined;
    const ended = place.runAs(
      {
        onStart: (child) => {
          kill = (signal) => child.kill(signal);
        },
        onStdout: (text) => {
          if (text.includes('"kind":"working"')) resolve({ kill, ended });
        },
      },
      ...["worker", "--json", ...args],
    );
    ended.then((ran) => reject(new Error(`worker ended with ${ran.code}: ${ran.stderr}`)), reject);
  });
}
