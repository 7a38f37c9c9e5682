import { z } from "zod";
import type { JsonObject } from "#events/json.ts";
import { checkPlan, type Checked } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import { toolCatalog } from "#src/planning/catalog/tool-catalog.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { secret } from "#src/tools/secret.ts";

// Tools of which some can do what others do, and some only seem to.

type Shape<I, O> = Pick<Tool<I, O>, "name" | "description" | "input" | "output"> & Partial<Tool<I, O>>;

function tool<I, O>(shape: Shape<I, O>): Tool<I, O> {
  const run = () => {
    throw new Error("only what it says of itself matters here");
  };
  return defineTool({ version: "1.0.0", sideEffects: "read", ...shape, run });
}

const forecast = z.object({ summary: z.string(), temperature: z.number() });
const article = z.object({ url: z.string(), title: z.string() });

const OSLO_WEATHER = tool({
  name: "meteo.get_weather",
  description: "Gets the weather of a city.",
  input: z.object({ city: z.string() }),
  output: forecast,
});
const OTHER_WEATHER = tool({
  name: "sky.find_weather",
  description: "Finds the weather of a city.",
  input: z.object({ city: z.string(), units: z.enum(["metric", "imperial"]).default("metric") }),
  output: forecast,
});
const MIGHTY_WEATHER = tool({
  name: "premium.get_weather",
  description: "Gets the weather of a city.",
  input: z.object({ city: z.string() }),
  output: forecast,
  permissions: ["premium.read"],
});
const WRITING_WEATHER = tool({
  name: "station.get_weather",
  description: "Gets the weather of a city.",
  input: z.object({ city: z.string() }),
  output: forecast,
  sideEffects: "write",
});
const NEWS = tool({
  name: "news.search",
  description: "Searches news articles about a topic.",
  input: z.object({ query: z.string(), country: z.string().optional(), limit: z.int().min(1).max(100).default(20) }),
  output: z.array(article),
});
const OTHER_NEWS = tool({
  name: "press.search_news",
  description: "Searches articles of the news.",
  input: z.object({ query: z.string() }),
  output: z.array(article),
});
const PAGE = tool({
  name: "web.fetch_page",
  description: "Fetches the text of a page.",
  input: z.object({ url: z.url() }),
  output: z.string(),
});
const SECRET_PAGE = tool({
  name: "cloud.fetch_page",
  description: "Fetches the text of a page.",
  input: z.object({ url: z.url(), token: secret() }),
  output: z.string(),
});
const MAIL = tool({
  name: "mail.send",
  description: "Sends a mail.",
  input: z.object({ recipient: z.string(), text: z.string() }),
  output: z.object({ sent: z.boolean() }),
  sideEffects: "write",
  effects: ["mail-sent"],
});
const OTHER_MAIL = tool({
  name: "post.send_mail",
  description: "Sends a mail.",
  input: z.object({ email: z.string(), text: z.string() }),
  output: z.object({ sent: z.boolean() }),
  sideEffects: "write",
  effects: ["mail-sent"],
});
const LIGHT_ON = tool({
  name: "light.turn_on",
  description: "Turns the light of a room on.",
  input: z.object({ room: z.string() }),
  output: z.object({ done: z.boolean() }),
  sideEffects: "write",
});
const LIGHT_OFF = tool({
  name: "light.turn_off",
  description: "Turns the light of a room off.",
  input: z.object({ room: z.string() }),
  output: z.object({ done: z.boolean() }),
  sideEffects: "write",
});
const PAY = tool({
  name: "bank.pay",
  description: "Pays a bill.",
  input: z.object({ recipient: z.string(), amount: z.number() }),
  output: z.object({ receipt: z.string() }),
  sideEffects: "irreversible",
  effects: ["paid"],
});
const OTHER_PAY = tool({
  name: "purse.pay",
  description: "Pays a bill.",
  input: z.object({ recipient: z.string(), amount: z.number() }),
  output: z.object({ receipt: z.string() }),
  sideEffects: "irreversible",
  effects: ["paid"],
});
const TICKET = tool({
  name: "desk.get_ticket",
  description: "Gets a ticket.",
  input: z.object({ ticketId: z.string() }),
  output: z.object({ title: z.string() }),
});
const OTHER_TICKET = tool({
  name: "counter.get_ticket",
  description: "Gets a ticket.",
  input: z.object({ ticketId: z.string() }),
  output: z.object({ title: z.string() }),
});
const LIST_FIRST = tool({
  name: "list.summarize",
  description: "Summarizes articles.",
  input: z.object({ articles: z.array(article).min(1) }),
  output: z.string(),
});

const TOOLS: readonly Tool[] = [
  ...[OSLO_WEATHER, OTHER_WEATHER, MIGHTY_WEATHER, WRITING_WEATHER, NEWS, OTHER_NEWS, PAGE, SECRET_PAGE],
  ...[MAIL, OTHER_MAIL, LIGHT_ON, LIGHT_OFF, PAY, OTHER_PAY, TICKET, OTHER_TICKET, LIST_FIRST],
];
export const TOOLBOX = registry(TOOLS);
export const ENTRIES = toolCatalog(TOOLS, []);

export function checked(source: JsonObject): Checked {
  const parsed = parsePlan(source, { file: "plan" });
  return parsed.ok ? checkPlan(parsed.source, { tools: TOOLBOX }) : parsed;
}

/** Codes of what is wrong; none where it can run. */
export function wrongs(source: JsonObject): readonly string[] {
  const found = checked(source);
  return found.ok ? [] : found.findings.map(({ code, message, path }) => `${code} ${path.join(".")}: ${message}`);
}
