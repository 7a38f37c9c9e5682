// The border between a test and a server that may not be there. A test for a server skips where the server is missing,
// and a skipped test proves nothing: where PLANWRIGHT_REQUIRE names the server (a,b), its absence is a failing test.
import { describe, it } from "vitest";

type Suite = (title: string, claims: () => void) => void;

/** Servers that have to be there, from a comma-separated list; spaces and empty entries do not count. */
export function requiredServers(list: string | undefined): ReadonlySet<string> {
  return new Set((list ?? "").split(",").flatMap((name) => name.trim() || []));
}

/** `describe` for claims about a server: `requireServer("nats", natsIsUp)("the bus on NATS", () => …)`. */
export function requireServer(name: string, available: boolean): Suite {
  const isRequired = requiredServers(process.env["PLANWRIGHT_REQUIRE"]).has(name);
  if (available || !isRequired) return describe.skipIf(!available);
  return (title) =>
    describe(title, () => {
      it(`reaches ${name}, which PLANWRIGHT_REQUIRE names`, () => {
        throw new Error(`${name} is not available`);
      });
    });
}
