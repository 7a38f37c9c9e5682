import { blotOutText, MIN_REDACTED_CHARS } from "#src/tools/redaction.ts";

// A text that comes in pieces, with secrets blotted out although one may be cut in two by the pieces: what may be the
// beginning of one is held back until the next piece shows.

export class BlottedStream {
  private readonly secrets: ReadonlySet<string>;
  private readonly say: (piece: string) => void;
  private held = "";

  constructor(secrets: Iterable<string>, say: (piece: string) => void) {
    this.secrets = new Set([...secrets].filter((secret) => secret.length >= MIN_REDACTED_CHARS));
    this.say = say;
  }

  push(piece: string): void {
    const text = blotOutText(this.held + piece, this.secrets);
    const kept = Math.max(0, ...[...this.secrets].map((secret) => beginningAtEnd(text, secret)));
    this.held = text.slice(text.length - kept);
    this.tell(text.slice(0, text.length - kept));
  }

  end(): void {
    this.tell(this.held);
    this.held = "";
  }

  private tell(text: string): void {
    if (text !== "") this.say(text);
  }
}

/** Characters at the end of the text that a secret begins with. */
function beginningAtEnd(text: string, secret: string): number {
  for (let chars = Math.min(secret.length - 1, text.length); chars > 0; chars--) {
    if (text.endsWith(secret.slice(0, chars))) return chars;
  }
  return 0;
}
