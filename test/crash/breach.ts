/** Something that a crash must not do, and did. The message begins with the name of the claim that was broken. */
export class Breach extends Error {
  readonly claim: string;

  constructor(claim: string, text: string) {
    super(`${claim}: ${text}`);
    this.claim = claim;
  }
}
