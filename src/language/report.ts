import type { Finding, Path, Remark, Severity } from "./finding.ts";
import { nodeAt } from "./source-node.ts";
import type { SourceNode, SyntaxProblem } from "./source-node.ts";
import { sourceText } from "./source-text.ts";
import type { Range } from "./source-text.ts";
import { rangeInScalar } from "./scalar-offset.ts";

// Collects what is wrong with one source: rules speak of paths in its value, findings of places in its text.
//
// R1. The same said of the same place is one finding, however many rules come upon it.
// R2. At most MAX_FINDINGS are kept; the list says when there were more.

const MAX_FINDINGS = 200;

interface PlanText {
  readonly file: string;
  readonly text: string;
}

/** Which part of what stands at a path is meant; without it the whole value. */
interface Spot {
  /** The key instead of the value. */
  readonly key?: boolean;
  /** A part of the text at the path, in UTF-16 code units of its value. */
  readonly offset?: number;
  readonly length?: number;
}

export class Report {
  readonly #source: PlanText;
  readonly #root: SourceNode | undefined;
  #read: ReturnType<typeof sourceText> | undefined;
  readonly #findings = new Map<string, Placed>();
  readonly #hidden: Range[] = [];
  #dropped = 0;

  constructor(source: PlanText, root?: SourceNode) {
    this.#source = source;
    this.#root = root;
  }

  /** Of most plans nobody asks for a place. */
  get #lines(): ReturnType<typeof sourceText> {
    return (this.#read ??= sourceText(this.#source.text));
  }

  get hasErrors(): boolean {
    return this.#dropped > 0 || [...this.#findings.values()].some(({ severity }) => severity === "error");
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
    this.#add({ severity: "error", path: [], remark: { code, message: where, suggestion } }, problem);
  }

  /** What stands at the path may be a secret: no finding repeats it. */
  hide(path: Path): void {
    if (this.#root !== undefined) this.#hidden.push(nodeAt(this.#root, path).node);
  }

  /** In the order of the source. */
  findings(): readonly Finding[] {
    const placed = [...this.#findings.values()].sort((a, b) => a.range.start - b.range.start);
    const last = placed.at(-1);
    if (this.#dropped > 0 && last !== undefined) {
      const remark = { code: "too-many-findings", message: `${this.#dropped} more findings are not listed` };
      placed.push({ ...last, severity: "error", path: [], remark });
    }
    return placed.map((entry) => this.#findingOf(entry));
  }

  #findingOf({ severity, path, remark, range }: Placed): Finding {
    const { code, message, suggestion } = remark;
    return {
      code,
      severity,
      message,
      file: this.#source.file,
      ...this.#lines.place(range.start),
      path,
      caret: this.#lines.caret(range, this.#hidden),
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  }

  #atPath(entry: Entry, spot: Spot): void {
    const range = this.#root === undefined ? { start: 0, end: 1 } : this.#rangeOf(this.#root, entry.path, spot);
    this.#add(entry, range);
  }

  #rangeOf(root: SourceNode, path: Path, spot: Spot): Range {
    const { node, key, exact } = nodeAt(root, path);
    if (spot.key === true && key !== undefined) return key;
    if (spot.offset !== undefined && exact) {
      return rangeInScalar(this.#source.text, node, { offset: spot.offset, length: spot.length ?? 1 });
    }
    // What is missing is missing in something: that thing's name says where, its whole text would say nothing.
    if (node.members !== undefined || node.items !== undefined)
      return key ?? { start: node.start, end: node.start + 1 };
    return node;
  }

  #add(entry: Entry, range: Range): void {
    const key = `${range.start} ${entry.remark.code} ${entry.remark.message}`;
    if (this.#findings.has(key)) return;
    if (this.isFull) this.#dropped += 1;
    else this.#findings.set(key, { ...entry, range });
  }
}

interface Entry {
  readonly severity: Severity;
  readonly path: Path;
  readonly remark: Remark;
}

interface Placed extends Entry {
  readonly range: Range;
}
