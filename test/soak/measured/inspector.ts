import { z } from "zod";

// The process's own view of its memory, asked from outside over the protocol of Node's inspector: the program needs no door for it.
//
// I1. What lives on the heap is counted after a full collection; what only waits to be collected is no leak.
// I2. Nothing of the process is held by asking: answers are values, and no domain is switched on.

const answer = z.object({
  id: z.number(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});
const heapUsage = z.object({ usedSize: z.number(), backingStorageSize: z.number().default(0) });
const evaluated = z.object({ result: z.object({ value: z.string() }) });
const names = z.array(z.string());

/** What a command line has to have to be asked; on a port of this machine that is free. */
export const INSPECTED = "--inspect=127.0.0.1:0";

export interface Memory {
  /** Bytes of what lives on the heap and of its buffers. */
  readonly liveBytes: number;
  /** What keeps the process alive or waits: timers, sockets, pipes, by kind. */
  readonly resources: Readonly<Record<string, number>>;
}

/** Where an inspector listens, as the process has said on stderr. */
export function inspectorIn(complaints: string): string | undefined {
  return /Debugger listening on (ws:\S+)/.exec(complaints)?.[1];
}

export class Inspector implements Disposable {
  private readonly socket: WebSocket;
  private readonly opened: Promise<void>;
  private readonly waiting = new Map<number, (text: string) => void>();
  private asked = 0;
  private isGone = false;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.opened = promise;
    this.socket.addEventListener("open", () => resolve(undefined));
    this.socket.addEventListener("message", ({ data }) => this.take(String(data)));
    this.socket.addEventListener("close", () => {
      resolve(undefined);
      this.giveUp();
    });
    this.socket.addEventListener("error", () => resolve(undefined));
  }

  /** Undefined where the process is gone. */
  async memory(): Promise<Memory | undefined> {
    try {
      await this.ask("HeapProfiler.collectGarbage");
      const { usedSize, backingStorageSize } = heapUsage.parse(await this.ask("Runtime.getHeapUsage"));
      const expression = "JSON.stringify(process.getActiveResourcesInfo())";
      const { result } = evaluated.parse(await this.ask("Runtime.evaluate", { expression, returnByValue: true }));
      return { liveBytes: usedSize + backingStorageSize, resources: countsOf(names.parse(JSON.parse(result.value))) };
    } catch (error) {
      if (this.isGone) return undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.giveUp();
    this.socket.close();
  }

  private async ask(method: string, params: object = {}): Promise<unknown> {
    await this.opened;
    if (this.isGone) throw new Error("the inspector is gone");
    const id = ++this.asked;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.waiting.set(id, resolve);
    this.socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = answer.parse(JSON.parse(await promise));
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  private take(text: string): void {
    const { id } = z.object({ id: z.number().optional() }).parse(JSON.parse(text));
    if (id === undefined) return;
    this.waiting.get(id)?.(text);
    this.waiting.delete(id);
  }

  private giveUp(): void {
    this.isGone = true;
    for (const [id, answered] of this.waiting) answered(JSON.stringify({ id, error: { message: "it is gone" } }));
    this.waiting.clear();
  }
}

function countsOf(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
