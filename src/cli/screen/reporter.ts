import process from "node:process";
import { Box, render, Text } from "ink";
import { createElement, type ReactElement } from "react";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import { troubleText } from "#src/cli/reporter-plain.ts";
import { printEnding } from "#src/cli/result-text.ts";
import { Board } from "#src/cli/screen/board.ts";
import { frameOf, type Line } from "#src/cli/screen/frame.ts";
import type { Segment } from "#src/cli/step-row.ts";
import type { Style, Terminal } from "#src/cli/terminal.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";

// The live screen: Ink draws frames of what the board knows, a few times a second and never in between, so that a plan of
// ten thousand fast steps costs no more to show than a slow one.

const FRAME_EVERY_MS = 100;
const DEFAULT_SIZE = { columns: 80, rows: 24 };

export function screenReporter(terminal: Terminal, clock: Clock, flags: ReportFlags): Reporter {
  const board = new Board();
  const draw = (): ReactElement => frameElement(frameOf(board, sizeOf(process.stdout), clock.now()));
  const screen = render(draw(), { exitOnCtrlC: false, patchConsole: false });
  let timer: Timer | undefined;
  const later = (): void => {
    timer = clock.after(
      FRAME_EVERY_MS,
      () => {
        screen.rerender(draw());
        later();
      },
      { background: true },
    );
  };
  later();
  return {
    facts: (_plan, facts, state) => board.apply(state, facts, clock.now()),
    live: (message) => board.note(message),
    trouble: (problem) => {
      board.trouble = problem === undefined ? undefined : troubleText(problem);
    },
    close: async () => {
      timer?.[Symbol.dispose]();
      screen.rerender(draw());
      screen.unmount();
      await screen.waitUntilExit();
    },
    ended: (ending) => printEnding(ending, terminal, flags),
  };
}

function sizeOf({ columns, rows }: { readonly columns?: number; readonly rows?: number }) {
  return { columns: columns ?? DEFAULT_SIZE.columns, rows: rows ?? DEFAULT_SIZE.rows };
}

function frameElement(lines: readonly Line[]): ReactElement {
  const drawn = lines.map((line, index) =>
    createElement(
      Text,
      { key: index, wrap: "truncate" },
      ...line.map((segment, part) => segmentElement(segment, part)),
    ),
  );
  return createElement(Box, { flexDirection: "column" }, ...drawn);
}

function segmentElement({ text, style }: Segment, key: number): ReactElement {
  return createElement(Text, { key, ...(style === undefined ? {} : propertiesOf(style)) }, text);
}

function propertiesOf(style: Style): { bold?: true; dimColor?: true; inverse?: true; color?: string } {
  if (style === "bold") return { bold: true };
  if (style === "dim") return { dimColor: true };
  return style === "inverse" ? { inverse: true } : { color: style };
}
