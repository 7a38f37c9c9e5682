import { z } from "zod";
import type { Granted } from "#src/planning/validation/grounds.ts";

// What plans that are made from requests in words may use, as whoever runs this process says it, and how a request narrows that.
//
// N1. Nothing but the configuration, or the program that embeds this one, grants: no word of a request, of what came with it, of an output
//     or of a tool's description is read here.
// N2. A request takes tools away from what is granted, and adds none.

const MAX_NAMES = 1_000;
const MAX_NAME_CHARS = 200;

/** A name, or how names begin and a `*`. */
const names = z.array(z.string().min(1).max(MAX_NAME_CHARS)).max(MAX_NAMES);

export const requestGrants = z.strictObject({
  permissions: names.exactOptional().meta({
    description:
      "Permissions that tools may ask for, by name or by how names begin and a `*`. A tool that asks for another one is not used.",
  }),
  forbidden: names
    .exactOptional()
    .meta({ description: "Tools that are not used, by name or by how names begin and a `*`." }),
});

export type RequestGrants = Readonly<z.infer<typeof requestGrants>>;

export function grantedTo({ permissions = [], forbidden = [] }: RequestGrants = {}): Granted {
  return { permissions, forbidden };
}

/** Of a request: tools that must not be used for it. */
export const without = names.describe("tools that must not be used, by name or by how names begin and a `*`");

/** N2. */
export function narrowed(granted: Granted, more: readonly string[]): Granted {
  return more.length === 0 ? granted : { ...granted, forbidden: [...(granted.forbidden ?? []), ...more] };
}
