import type { Finding, Path, Remark, Severity } from "./finding.ts";
import { nodeAt } from "./source-node.ts";
import type { SourceNode, SyntaxProblem } from "./source-node.ts";
import { sourceText } from "./source-text.ts";
import type { Range } from "./source-text.ts";
import { rangeInScalar } from "./scalar-offset.ts";

// Collects what is wrong with one source: rules speak of paths in its value, findings of places in its text.
//
// R1. One place has at most one finding of a code, however many rules come upon it.
// R2. At most MAX_FINDINGS are kept; the list says when there were more.

export const MAX_FINDINGS = 200;

export interface PlanText {
  readonly file: string;
  readonly text: string;
}

/** Which part of what stands at a path is meant; without it the whole value. */
export interface Spot {
  /** The key instead of the value. */
  readonly key?: boolean;
  /** A part of the text at the path, in UTF-16 code units of its value. */
  readonly offset?: number;
  readonly length?: number;
  /** The value may be a secret: the source line is shown without it. */
  readonly hidden?: boolean;
}

export class Report {
  readonly #source: PlanText;
  readonly #root: SourceNode | undefined;
  readonly #lines: ReturnType<typeof sourceText>;
  readonly #findings = new Map<string, { finding: Finding; offset: number }>();
  #dropped = 0;

  constructor(source: PlanText, root?: SourceNode) {
    this.#source = source;
    this.#root = root;
    this.#lines = sourceText(source.text);
  }

  get hasErrors(): boolean {
    return this.#dropped > 0 || [...this.#findings.values()].some(({ finding }) => finding.severity === "error");
  }

  /** No more can be kept: rules may leave out what is only an aid, such as suggestions. */
  get isFull(): boolean {
    return this.#findings.size >= MAX_FINDINGS;
  }

  error(path: Path, remark: Remark, spot: Spot = {}): void {
    this.#atPath({ severity: "error", path, remark }, spot);
  }

  warning(path: Path, remark: Remark, spot: Spot = {}): void {
    this.#atPath({ severity: "warning", path, remark }, spot);
  }

  syntax(problem: SyntaxProblem): void {
    const { earlier, message, code, suggestion } = problem;
    const place = earlier === undefined ? undefined : this.#lines.place(earlier);
    const where = place === undefined ? message : `${message}, on line ${place.line}, column ${place.column}`;
    this.#add({ severity: "error", path: [], remark: { code, message: where, suggestion } }, problem, false);
  }

  /** In the order of the source. */
  findings(): readonly Finding[] {
    const sorted = [...this.#findings.values()].sort((a, b) => a.offset - b.offset).map(({ finding }) => finding);
    const last = sorted.at(-1);
    if (this.#dropped === 0 || last === undefined) return sorted;
    const { line, column, caret } = last;
    const message = `${this.#dropped} more findings are not listed`;
    const rest = { code: "too-many-findings", message, line, column, caret };
    return [...sorted, { ...rest, severity: "error", file: this.#source.file, path: [] }];
  }

  #atPath(entry: Entry, spot: Spot): void {
    const range = this.#root === undefined ? { start: 0, end: 1 } : this.#rangeOf(this.#root, entry.path, spot);
    this.#add(entry, range, spot.hidden === true);
  }

  #rangeOf(root: SourceNode, path: Path, spot: Spot): Range {
    const { node, key, exact } = nodeAt(root, path);
    if (spot.key === true && key !== undefined) return key;
    if (spot.offset !== undefined && exact) {
      return rangeInScalar(this.#source.text, node, { offset: spot.offset, length: spot.length ?? 1 });
    }
    // What is missing is missing in something: that thing's name says where, its whole text would say nothing.
    if (node.members !== undefined || node.items !== undefined) return key ?? { start: node.start, end: node.start + 1 };
    return node;
  }

  #add(entry: Entry, range: Range, hidden: boolean): void {
    const { code, message, suggestion } = entry.remark;
    const key = `${range.start} ${code}`;
    if (this.#findings.has(key)) return;
    if (this.isFull) {
      this.#dropped += 1;
      return;
    }
    const finding: Finding = {
      code,
      severity: entry.severity,
      message,
      file: this.#source.file,
      ...this.#lines.place(range.start),
      path: entry.path,
      caret: this.#lines.caret(range, hidden),
      ...(suggestion === undefined ? {} : { suggestion }),
    };
    this.#findings.set(key, { finding, offset: range.start });
  }
}

interface Entry {
  readonly severity: Severity;
  readonly path: Path;
  readonly remark: Remark;
}
