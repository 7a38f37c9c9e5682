// A console block of a page: lines that begin with `$ ` are typed, the others are what is printed. In what is printed `…`
// stands for anything within a line, and a line that is nothing but `…` for any number of lines.
import type { CodeBlock } from "./markdown.ts";

export interface TypedCommand {
  readonly command: string;
  /** Undefined where the page shows nothing: then anything may be printed. */
  readonly shown: string | undefined;
}

const GAP = "…";

/** Commands of a block in `console` (with output) or `sh` (one command a line, nothing shown). */
export function typedCommands({ language, text, line }: CodeBlock): TypedCommand[] {
  const lines = text.trimEnd().split("\n");
  if (language === "sh")
    return lines.filter((it) => !/^\s*(?:#|$)/.test(it)).map((it) => ({ command: it, shown: undefined }));
  const commands: { command: string; printed: string[] }[] = [];
  for (const each of lines) {
    if (each.startsWith("$ ")) commands.push({ command: each.slice(2), printed: [] });
    else if (commands.length === 0) throw new Error(`the block of line ${line} prints before anything was typed`);
    else commands.at(-1)?.printed.push(each);
  }
  return commands.map(({ command, printed }) => ({
    command,
    shown: printed.length === 0 ? undefined : tidy(printed.join("\n")),
  }));
}

/** What was printed, as the page shows it where it fits, else as it is: equal to `shown` exactly when it fits. */
export function asShown(printed: string, shown: string): string {
  const pattern = shown.split("\n").map((line) => (line === GAP ? "(?:.*\\n)*?" : `${linePattern(line)}\\n`));
  return new RegExp(`^${pattern.join("")}$`).test(`${tidy(printed)}\n`) ? shown : tidy(printed);
}

function linePattern(line: string): string {
  return line.split(GAP).map(RegExp.escape).join(".*");
}

/** Without spaces at the ends of lines, and empty lines at both ends. */
function tidy(text: string): string {
  return text.replace(/[ \t\r]+$/gm, "").replace(/^\n+|\n+$/g, "");
}
