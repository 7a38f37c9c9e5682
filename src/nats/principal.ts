import { Fault } from "#events/fault.ts";
import type { CallPlace } from "#src/ports/calls.ts";
import { partitionToken, subjectOf } from "#src/nats/subjects.ts";

// Who asks over NATS: NAME stands in the subject, and whoever may publish there is the principal `nats:NAME`. Whether one may
// is the server's permissions' to say.

const KIND = "nats:";
const NAME = /^[A-Za-z0-9_-]{1,100}$/;

/** Fault: `principal-invalid`. */
export function principalOf(name: string): string {
  if (!NAME.test(name)) {
    throw new Fault(
      "principal-invalid",
      `${JSON.stringify(name)} cannot be a principal's name: letters, digits, _ and -, at most 100`,
    );
  }
  return `${KIND}${name}`;
}

/** Where a call goes, and the principal where the subject does not have it. Fault: `principal-invalid`. */
export function subjectOfCall(
  namespace: string,
  actor: string,
  to: CallPlace,
): { readonly subject: string; readonly actor?: string } {
  if (to === "any") return { subject: subjectOf(namespace, "call", nameOf(actor)) };
  return { subject: subjectOf(namespace, "owner", partitionToken(to.partition)), actor };
}

export function subjectOfRequests(namespace: string, actor: string, request: string): string {
  return subjectOf(namespace, "request", nameOf(actor), request);
}

function nameOf(actor: string): string {
  const name = actor.startsWith(KIND) ? actor.slice(KIND.length) : actor;
  principalOf(name);
  return name;
}
