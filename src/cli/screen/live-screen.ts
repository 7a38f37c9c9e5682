import process from "node:process";
import { Box, render, Text } from "ink";
import { createElement, type ReactElement } from "react";
import type { FrameSize, Line } from "#src/cli/screen/frame.ts";
import type { Segment } from "#src/cli/step-row.ts";
import type { Style } from "#src/cli/terminal.ts";
import type { Clock, Timer } from "#src/ports/clock.ts";

// Lines that are drawn over the ones before: Ink draws what it is given, a few times a second and never in between, so that what changes
// ten thousand times costs no more to show than what changes slowly.

const FRAME_EVERY_MS = 100;
const DEFAULT_SIZE = { columns: 80, rows: 24 };

/** The last frame stays when it is closed. */
export interface LiveScreen {
  close(): Promise<void>;
}

export function liveScreen(linesOf: (size: FrameSize) => readonly Line[], clock: Clock): LiveScreen {
  const draw = (): ReactElement => frameElement(linesOf(sizeOf(process.stdout)));
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
    close: async () => {
      timer?.[Symbol.dispose]();
      screen.rerender(draw());
      screen.unmount();
      await screen.waitUntilExit();
    },
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
