import type { ToolDescription } from "#src/planning/catalog/entry.ts";
import type { DescribedTool } from "#src/planning/prediction/described-catalog.ts";
import type { Example } from "#src/planning/prediction/predictor.ts";
import { mulberry32 } from "#src/planning/seeded-numbers.ts";

// A catalog of a thousand tools and requests for them, made up from words: as large as an installation with many servers of tools, and
// the same each time. Ten actions on a hundred things, of which each domain has five.

const ACTIONS: readonly { readonly name: string; readonly says: readonly string[]; readonly about: string }[] = [
  { name: "search", says: ["find", "look for", "search for"], about: "Finds" },
  { name: "create", says: ["create", "set up", "make"], about: "Creates" },
  { name: "cancel", says: ["cancel", "call off", "drop"], about: "Cancels" },
  { name: "update", says: ["change", "update", "correct"], about: "Changes" },
  { name: "delete", says: ["delete", "remove", "get rid of"], about: "Deletes" },
  { name: "share", says: ["share", "send", "forward"], about: "Shares" },
  { name: "approve", says: ["approve", "accept", "sign off"], about: "Approves" },
  { name: "export", says: ["export", "download", "save"], about: "Exports" },
  { name: "schedule", says: ["schedule", "plan", "arrange"], about: "Schedules" },
  { name: "review", says: ["check", "review", "go through"], about: "Reviews" },
];

const THINGS =
  "flight hotel train taxi luggage invoice payment refund receipt budget ticket incident alert server backup recipe menu grocery delivery courier " +
  "lesson exam course teacher grade patient appointment prescription insurance vaccine contract lease mortgage property tenant document folder photo video song " +
  "playlist podcast concert museum gallery meeting calendar reminder agenda minutes employee salary vacation interview candidate customer order warehouse shipment supplier " +
  "catalog coupon campaign newsletter survey report dashboard chart forecast dataset model experiment sensor thermostat lamp camera lock garden weather tide " +
  "vehicle battery charger parking toll passport visa embassy translation dictionary match league stadium workout diet sleep pet vet donation volunteer";

const THINGS_A_DOMAIN = 5;
const PLACES = ["Oslo", "Lima", "Cairo", "Quito", "Delhi", "Tunis", "Bergen", "Porto", "Hanoi", "Leeds"];
const ENDINGS = [
  "please",
  "as soon as you can",
  "before Friday",
  "for my team",
  "and tell me when it is done",
  "today",
];

export function generatedCatalog(): readonly DescribedTool[] {
  return THINGS.split(" ").flatMap((thing, number) =>
    ACTIONS.map(({ name, about }) => ({
      name: `${thing}_${name}`,
      description: `${about} a ${thing} of the user by its number, its date or its place, and gives its state afterwards`,
      domains: [`domain ${Math.floor(number / THINGS_A_DOMAIN)}`],
    })),
  );
}

/** The same tools with what they take and give, so that whole plans can be made of them. */
export function generatedTools(): readonly ToolDescription[] {
  return generatedCatalog().map(({ name, description, domains }) => {
    const [thing = "", action = ""] = name.split("_");
    const isLookup = action === "search" || action === "review";
    return {
      ...{ name, version: "1.0.0", description, domains },
      sideEffects: isLookup ? ("read" as const) : ("write" as const),
      inputSchema: {
        type: "object",
        properties: {
          [action === "search" ? "place" : `${thing}Id`]: { type: "string", description: `Which ${thing}` },
          date: { type: "string", format: "date" },
          count: { type: "integer", default: 1 },
          order: { type: "string", enum: ["newest", "oldest", "cheapest"] },
        },
        required: [action === "search" ? "place" : `${thing}Id`],
      },
      outputSchema: {
        type: "object",
        properties: { [`${thing}Id`]: { type: "string" }, state: { type: "string" }, date: { type: "string" } },
      },
    };
  });
}

/** Each asks for two or three tools, mostly of one thing. */
export function generatedRequests(count: number, seed: number): readonly Example[] {
  const random = mulberry32(seed);
  const things = THINGS.split(" ");
  const one = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("one of nothing was asked for");
    return item;
  };
  return Array.from({ length: count }, () => {
    const first = one(things);
    const parts = Array.from({ length: random() < 1 / 3 ? 3 : 2 }, () => {
      const thing = random() < 1 / 4 ? one(things) : first;
      const { name, says } = one(ACTIONS);
      return {
        tool: `${thing}_${name}`,
        words: `${one(says)} the ${thing} ${Math.floor(random() * 1e4)} in ${one(PLACES)}`,
      };
    });
    const request = `I want to ${parts.map(({ words }) => words).join(", then ")} ${one(ENDINGS)}.`;
    return { request, chain: parts.map(({ tool }) => tool) };
  });
}
