// What the tests read out of a page: its code blocks, its headings as link targets, and its links.

export interface CodeBlock {
  readonly language: string;
  /** Without the fences; ends with a line end. */
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** Fenced blocks. Throws on a fence that is never closed: what follows it would not be seen. */
export function codeBlocks(page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of page.split("\n").entries()) {
    const language = /^\s*```(\S*)/.exec(line)?.[1];
    if (open === undefined) {
      if (language !== undefined) open = { language, line: index + 1, lines: [] };
    } else if (language === undefined) open.lines.push(line);
    else {
      blocks.push({ language: open.language, line: open.line, text: `${open.lines.join("\n")}\n` });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`the code block of line ${open.line} is not closed`);
  return blocks;
}

/** Targets of links and images that are not addresses of the web. */
export function relativeLinks(page: string): string[] {
  const links = [...prose(page).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = ""]) => target);
  return links.filter((target) => !/^[a-z]+:/.test(target));
}

/** The names by which a page's headings are linked, as GitHub makes them. */
export function anchors(page: string): ReadonlySet<string> {
  const headings = [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function prose(page: string): string {
  return page.replace(/^\s*```[\s\S]*?^\s*```/gm, "").replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ""));
}
