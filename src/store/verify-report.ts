// What a verification is asked and what it answers. Apart from the walk itself, so that the types of the library's door
// name nothing of SQLite.

export interface Damage {
  /** `file`: structure of the file; `log`: facts are lost or changed; `cache`: a snapshot or a view, to be made again. */
  readonly kind: "file" | "log" | "cache";
  readonly message: string;
  readonly stream?: string;
  readonly revision?: number;
  readonly position?: number;
}

export interface VerifyOptions {
  /** Called between pieces of the walk; `total` is the number of events. */
  readonly onProgress?: (progress: { readonly checked: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

export interface VerifyReport {
  readonly streams: number;
  readonly appends: number;
  readonly events: number;
  /** Empty when all is well. */
  readonly damages: readonly Damage[];
  /** There are more damages than the report holds. */
  readonly truncated: boolean;
  /** Only the order was looked at: the bytes are a server's to check. */
  readonly withoutChecksums?: true;
}
