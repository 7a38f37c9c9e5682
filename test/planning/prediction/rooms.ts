import type { Example } from "#src/planning/prediction/predictor.ts";

const CITIES = ["Oslo", "Rome", "Paris", "Lima", "Cairo", "Quito", "Delhi", "Tunis"];

/** Requests of a small catalog of tools, each form of them in every city. */
export const EXAMPLES: readonly Example[] = CITIES.flatMap((city) => [
  { request: `Find a room in ${city} and book it.`, chain: ["room_search", "room_booking"] },
  { request: `Please book the room in ${city}, then pay for it by card.`, chain: ["room_booking", "payment"] },
  { request: `Pay the bill in ${city} and mail me the receipt.`, chain: ["payment", "mail_sending"] },
  { request: `What is the weather in ${city}? Mail it to Ann.`, chain: ["weather", "mail_sending"] },
]);
