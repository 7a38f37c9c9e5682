// The border to wherever secret values are kept (environment, files, a vault). Plans, facts and logs carry a reference;
// only a tool's context asks this port for the value, at the moment of use.
// Every implementation and its in-memory twin pass test/contracts/secrets.ts.
//
// S1. The value is looked up at each `resolve`, so that a secret can be changed while plans run.
// S2. No error repeats a value, nor any part of one.
// S3. A name that is not one (`isSecretName`) is refused before anything is looked at.

/** What stands in a plan's arguments in the place of a secret value. */
export interface SecretReference {
  /** The secret's name in the store behind the port, e.g. `TRACKER_TOKEN`. */
  readonly $secret: string;
}

export interface Secrets {
  /** The value now. Faults: `secret-missing` (says where it looked), `secret-unreadable`; the signal's reason. */
  resolve(reference: SecretReference, signal: AbortSignal): Promise<string>;
}

export const MAX_SECRET_NAME_CHARS = 128;

/** Letters, digits, `_`, `.` and `-`, beginning with a letter or `_`. */
export const SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

export function isSecretName(name: string): boolean {
  return name.length <= MAX_SECRET_NAME_CHARS && SECRET_NAME.test(name);
}
