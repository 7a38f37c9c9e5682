import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { execFileSync } from "node:child_process";

// What a process asked of its files, as strace wrote it down (`-f -y -xx`): every write with its bytes, every name that came or
// went, every fsync, and what was said on stdout, in their order.
//
// T1. Calls of several threads overlap: a sync covers what had ended before it began.

export interface Call {
  /** When it began and ended, counted in lines of the trace. */
  readonly begun: number;
  readonly ended: number;
  readonly name: string;
  /** Texts and paths of its arguments, in their order: bytes are latin1. */
  readonly texts: readonly string[];
  /** Its arguments without their texts, e.g. `21<>, "", 8192, 32`. */
  readonly args: string;
  readonly result: string;
}

const TRACED = [
  ...["openat", "open", "creat", "close", "write", "pwrite64", "writev", "pwritev", "pwritev2", "lseek", "ftruncate"],
  ...["truncate", "fallocate", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir"],
  ...["mkdirat", "rmdir", "link", "linkat", "copy_file_range", "sendfile"],
];
/** More than any write has. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The command that runs another one and writes its trace into a file. */
export function traced(command: readonly string[], file: string): readonly string[] {
  const options = [
    "-f",
    "-qq",
    "-y",
    "-xx",
    "-s",
    String(MAX_BYTES),
    "--seccomp-bpf",
    "-e",
    `trace=${TRACED.join(",")}`,
  ];
  return ["strace", ...options, "-o", file, ...command];
}

/** Whether processes can be traced here. */
export function canTrace(): boolean {
  try {
    execFileSync("strace", ["-f", "-qq", "--seccomp-bpf", "-e", "trace=fsync", "-o", "/dev/null", "true"], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

/** The calls that came about, in the order of their ends. Throws where the trace has what is not understood. */
export async function* callsIn(file: string): AsyncGenerator<Call> {
  const pending = new Map<string, Begun>();
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line++;
    const { thread = "", rest = "" } = /^(?<thread>\d+) +(?<rest>.*)$/s.exec(text)?.groups ?? {};
    if (rest.endsWith(UNFINISHED)) {
      pending.set(thread, { text: rest.slice(0, -UNFINISHED.length), line });
      continue;
    }
    const call = callOf(wholeOf(rest, pending.get(thread) ?? { text: "", line }, line));
    if (call !== undefined && hasWorked(call)) yield call;
  }
}

/** The first half of a call that another thread has interrupted. */
interface Begun {
  readonly text: string;
  readonly line: number;
}

interface Whole {
  readonly text: string;
  readonly begun: number;
  readonly ended: number;
}

const UNFINISHED = " <unfinished ...>";
const RESUMED = /^<\.\.\. \w+ resumed>/;
const TEXT = /"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?|<((?:\\x[0-9a-f]{2})*)>/g;

function wholeOf(rest: string, before: Begun, line: number): Whole {
  if (!RESUMED.test(rest)) return { text: rest, begun: line, ended: line };
  return { text: before.text + rest.replace(RESUMED, ""), begun: before.line, ended: line };
}

/** Undefined for what is no call: a signal, an exit. */
function callOf({ text, begun, ended }: Whole): Call | undefined {
  const texts: string[] = [];
  const bare = text.replace(TEXT, (found: string, quoted: string | undefined, ...more: readonly unknown[]) => {
    const [cut, path] = more;
    if (cut !== undefined) throw new Error("a text of the trace was cut off");
    const hex = quoted ?? (typeof path === "string" ? path : "");
    texts.push(Buffer.from(hex.replaceAll("\\x", ""), "hex").toString("latin1"));
    return found.startsWith("<") ? "<>" : '""';
  });
  const { name, args = "", result = "" } = /^(?<name>\w+)\((?<args>.*)\) += (?<result>.*)$/s.exec(bare)?.groups ?? {};
  return name === undefined ? undefined : { begun, ended, name, texts, args, result };
}

function hasWorked({ result }: Call): boolean {
  return !result.startsWith("-1 ") && result !== "?";
}
