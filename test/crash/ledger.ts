import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { callOf } from "../simulation/tools/account.ts";

// What really happened, as the tools wrote it into a file of their own (load/effects.tools.ts).

export interface Entry {
  readonly plan: string;
  /** Path of the step. */
  readonly step: string;
  readonly tool: string;
  readonly what: "begun" | "done" | "failed";
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of the process in which the tool ran. */
  readonly pid?: number;
}

/** Tools that must not run a second time unless somebody knows that nothing happened. */
const ONCE: ReadonlySet<string> = new Set(["effects.once", "effects.flaky"]);

export class Ledger {
  readonly entries: Entry[] = [];
  private readonly byStep = new Map<string, Entry[]>();
  private readonly file: string;
  private read = 0;

  constructor(file: string) {
    this.file = file;
  }

  /** Takes what was written since, and gives it. */
  refresh(): readonly Entry[] {
    const text = this.rest();
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    this.read += Buffer.byteLength(whole);
    const fresh = whole.split("\n").flatMap((line) => (line === "" ? [] : [entryOf(line)]));
    for (const entry of fresh) this.add(entry);
    return fresh;
  }

  add(entry: Entry): void {
    this.entries.push(entry);
    const key = `${entry.plan}/${entry.step}`;
    this.byStep.set(key, [...(this.byStep.get(key) ?? []), entry]);
  }

  /** In the order in which it was written. */
  of(plan: string, step: string): readonly Entry[] {
    return this.byStep.get(`${plan}/${step}`) ?? [];
  }

  private rest(): string {
    if (!existsSync(this.file)) return "";
    const size = statSync(this.file).size - this.read;
    const bytes = Buffer.alloc(Math.max(0, size));
    const descriptor = openSync(this.file, "r");
    try {
      return bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, bytes.length, this.read));
    } finally {
      closeSync(descriptor);
    }
  }
}

export function mustNotRepeat({ tool }: Entry): boolean {
  return ONCE.has(tool);
}

function entryOf(line: string): Entry {
  const { key, ...entry } = JSON.parse(line) as Omit<Entry, "plan" | "step"> & { readonly key: string };
  return { ...entry, ...callOf(key) };
}
