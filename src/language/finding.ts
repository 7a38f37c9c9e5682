// What is wrong with a plan, or with the inputs given to one, as data: doors print it, editors underline it.

export type Severity = "error" | "warning";
export type Path = readonly (string | number)[];

/** Something wrong at a place of a JSON value. */
export interface Complaint {
  /** Stable, kebab case. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly path: Path;
  /** What was most likely meant: a name, or text to write in its place. */
  readonly suggestion?: string;
}

/** Something wrong at a place of a source text. */
export interface Finding extends Complaint {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** The source line and, below it, a mark under the place; ready to print in a fixed-width font. */
  readonly caret: string;
}

/** What a rule says before its place is known. */
export type Remark = Pick<Complaint, "code" | "message"> & { readonly suggestion?: string | undefined };

/** `steps.fetch.needs[0]`; the whole value is the empty text. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
