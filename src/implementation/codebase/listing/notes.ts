// What could not be looked at, said beside the result: by a code, with the first places of each.
// Nothing that is there is left out in silence.

/** Places that are kept of each code; all are counted. */
const MAX_NOTES_A_CODE = 20;

export interface Note {
  readonly code: string;
  /** Null where it is about the whole. */
  readonly path: string | null;
  readonly text: string;
  /** On the last one of a code: how many more there were. */
  readonly more?: number;
}

export interface NoteBook {
  add(code: string, path: string | null, text: string): void;
  all(): readonly Note[];
}

export function noteBook(): NoteBook {
  const kept = new Map<string, { readonly notes: Note[]; more: number }>();
  return {
    add: (code, path, text) => {
      const same = kept.get(code) ?? { notes: [], more: 0 };
      kept.set(code, same);
      if (same.notes.length < MAX_NOTES_A_CODE) same.notes.push({ code, path, text });
      else same.more += 1;
    },
    all: () =>
      [...kept.values()].flatMap(({ notes, more }) =>
        notes.map((note, index) => (more > 0 && index === notes.length - 1 ? { ...note, more } : note)),
      ),
  };
}

/** Of the system's errors without the path, which may be a descriptor's. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "syscall" in error ? (error.message.split(",", 1)[0] ?? error.message) : error.message;
}
