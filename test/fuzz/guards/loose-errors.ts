import process from "node:process";
import { loopTurn } from "#src/ports/system/loop-turn.ts";

// Errors that nobody caught: in a program they end the process, here they belong to the case that caused them.

export class LooseErrors implements Disposable {
  private readonly seen: unknown[] = [];
  private readonly note = (error: unknown): void => void this.seen.push(error);

  constructor() {
    process.on("uncaughtException", this.note);
    process.on("unhandledRejection", this.note);
  }

  /** The first since the last call. */
  async take(): Promise<unknown> {
    await loopTurn();
    return this.seen.splice(0)[0];
  }

  [Symbol.dispose](): void {
    process.off("uncaughtException", this.note);
    process.off("unhandledRejection", this.note);
  }
}
