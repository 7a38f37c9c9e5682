// The border to wherever secret values are kept (environment, a file, a vault). Plans, facts and logs carry a reference;
// only a tool's context asks this port for the value, at the moment of use.

/** What stands in a plan's arguments in the place of a secret value. */
export interface SecretReference {
  /** The secret's name in the store behind the port, e.g. `TRACKER_TOKEN`. */
  readonly $secret: string;
}

export interface Secrets {
  /** The value now. Rejects when there is no such secret or the store cannot be reached; the message never has the value. */
  resolve(reference: SecretReference, signal: AbortSignal): Promise<string>;
}
