/** Who asks, and until when. */
export interface Caller {
  /** Authenticated principal, e.g. `os:alice`. */
  readonly actor: string;
  readonly signal: AbortSignal;
}
