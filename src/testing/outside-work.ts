import type { Fact } from "#events/catalog.ts";
import type { Tool, ToolContext } from "#src/tools/define.ts";
import { isScripted } from "#src/testing/scripted-tool.ts";
import type { VirtualClock } from "#src/testing/virtual-clock.ts";

// Real tools in virtual time: while one reads a file or speaks to a server, time passes as it does outside, or its timeout
// would be over before the disk has answered.
//
// W1. Time is held from a tool's beginning to its end; of a tool in a thread or process of its own, from its dispatch to its
//     recorded end. What such a thread or process needs to end itself when the run is over is work of the outside as well.
// W2. A scripted tool waits on the engine's clock alone, and holds nothing.

const ENDS: ReadonlySet<Fact["type"]> = new Set([
  "StepSucceeded",
  "StepFailed",
  "StepTimedOut",
  "StepLost",
  "StepCancelled",
]);

export class OutsideWork {
  private readonly clock: VirtualClock;
  private readonly isolated = new Map<string, Disposable>();

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  /** The same tools, which hold the clock while they work. */
  holding(tools: readonly Tool[]): Tool[] {
    return tools.map((tool) => {
      if (isScripted(tool)) return tool;
      const run = async (args: unknown, context: ToolContext): Promise<unknown> => {
        const held = this.clock.hold();
        try {
          return await tool.run(args, context);
        } finally {
          held[Symbol.dispose]();
        }
      };
      return { ...tool, run };
    });
  }

  /** While the engine closes: threads and processes that wait for a next attempt end as fast as they do outside. */
  closing(): Disposable | undefined {
    return this.isolated.size === 0 ? undefined : this.clock.hold();
  }

  /** Follows attempts that run in a thread or process of their own. */
  follow(facts: readonly Fact[]): void {
    for (const { type, data } of facts) {
      if (type === "StepDispatched" && data.isolate !== undefined) {
        this.isolated.set(`${data.step}#${data.attempt}`, this.clock.hold());
      } else if (ENDS.has(type) && "step" in data && "attempt" in data) {
        this.isolated.get(`${data.step}#${data.attempt}`)?.[Symbol.dispose]();
      }
    }
  }
}
