import { cel, text } from "#src/builders/expression.ts";
import { definePlan } from "#src/builders/plan.ts";
import { toolCall } from "#src/builders/words.ts";
import { builtin } from "#src/tools/builtin/all.ts";
import type { Shop } from "./shop.ts";
import { cancelOrder, findOrder, order, search, stock } from "./tools.ts";

// What does not compile, and why: `npm run types` reads this file, and a wrong use that compiles is an error there (the
// directive above it is unused). A test compares the reasons. Nothing of it runs.

/** Takes what may be of no type. */
const see = (..._values: readonly unknown[]): null => null;

export const wrongUses: Readonly<Record<string, (shop: Shop) => unknown>> = {
  "a step that is not there": () =>
    // @ts-expect-error Cannot find name 'nowhere'
    see(nowhere),
  "a property that is not there": ({ ordered }) =>
    // @ts-expect-error Property 'titel' does not exist
    see(ordered.output.titel),
  "an input that is not there": ({ inputs }) =>
    // @ts-expect-error Property 'wrods' does not exist
    see(inputs.wrods),
  "an element as if it were the list": ({ books }) =>
    // @ts-expect-error Property 'title' does not exist
    see(books.output.title),
  "a method of JavaScript on what is not there yet": ({ books }) =>
    // @ts-expect-error Property 'map' does not exist
    see(books.output.map),
  "an argument of another type": ({ step, books }) =>
    // @ts-expect-error Type '{ title: string; price: number; tags: string[]; }[]' is not assignable to type 'string'
    step.tool("v", search, { with: { words: books.output } }),
  "a value of another type": ({ step }) =>
    // @ts-expect-error Type 'number' is not assignable to type 'string | Template<string>'
    step.tool("v", search, { with: { words: 1 } }),
  "an argument of another type, deep inside": ({ step, inputs }) =>
    // @ts-expect-error Type '"low"' is not assignable to type '"card" | "bill"'
    step.tool("v", order, { with: { titles: [], pay: { amount: 1, by: inputs.level } } }),
  "an element of another type": ({ step, inputs }) =>
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    step.tool("v", order, { with: { titles: [inputs.most], pay: { amount: 1, by: "card" } } }),
  "an argument that is missing": ({ step }) =>
    // @ts-expect-error Property 'words' is missing
    step.tool("v", search, { with: { limit: 1 } }),
  "no arguments where one is required": ({ step }) =>
    // @ts-expect-error Property 'with' is missing
    step.tool("v", search, { timeout: "1s" }),
  "an argument that the tool does not know": ({ step }) =>
    // @ts-expect-error 'wrods' does not exist
    step.tool("v", search, { with: { words: "a", wrods: "b" } }),
  "what may be missing where it must be there": ({ step, ordered }) =>
    // @ts-expect-error Type 'undefined' is not assignable to type 'string'
    step.tool("v", search, { with: { words: ordered.output.note } }),
  "what nobody described where a type is wanted": ({ step, inputs }) =>
    // @ts-expect-error Type 'unknown' is not assignable to type 'string'
    step.tool("v", search, { with: { words: inputs.any } }),
  "a step in the place of its output": ({ step, books }) =>
    // @ts-expect-error Argument of type 'Step<{ title: string; price: number; tags: string[]; }[]>' is not assignable
    step.value("v", books),
  "a secret in the place of a text": ({ step, inputs }) =>
    // @ts-expect-error Type 'SecretReference' is not assignable to type 'string'
    step.tool("v", search, { with: { words: inputs.token } }),
  "a secret in a text": ({ inputs }) =>
    // @ts-expect-error Type 'Ref<SecretReference>' is not assignable to type 'never'
    text`Bearer ${inputs.token}`,
  "a text in the place of a secret": ({ step }) =>
    // @ts-expect-error Type 'string' is not assignable to type 'Template<{ $secret: string; }
    step.tool("v", search, { with: { words: "a", token: "hunter2" } }),
  "a text in an expression": ({ inputs }) =>
    // @ts-expect-error Argument of type 'Template<string>' is not assignable
    cel`${text`${inputs.words}!`} + "?"`,
  "each over what is no list": ({ step, inputs }) =>
    // @ts-expect-error Type 'string' is not assignable to type 'readonly unknown[]'
    step.each("v", inputs.words, { do: ({ item }) => item }),
  "a property that items do not have": ({ step, books }) =>
    // @ts-expect-error Property 'titel' does not exist
    step.each("v", books.output, { do: ({ item }) => see(item.titel) }),
  "a step of the inside, outside": ({ step, books }) => {
    step.each("v", books.output, { do: ({ item, step }) => step.value("inner", item.title) });
    // @ts-expect-error Cannot find name 'inner'
    see(inner);
  },
  "an item that may have failed as if it had not": ({ step, books }) => {
    const titles = step.each("v", books.output, { tolerate: 1, do: ({ item }) => item.title });
    // @ts-expect-error Type 'string | null' is not assignable to type 'string'
    step.tool("w", order, { with: { titles: titles.output, pay: { amount: 1, by: "card" } } });
  },
  "a condition that is no condition": ({ step, inputs }) =>
    // @ts-expect-error Type 'string' is not assignable to type 'boolean'
    step.tool("v", stock, { when: inputs.words }),
  "a need that is no step": ({ step }) =>
    // @ts-expect-error Type 'string' is not assignable to type 'AnyStep'
    step.tool("v", stock, { needs: ["books"] }),
  "a word that is not there": ({ step }) =>
    // @ts-expect-error 'tiemout' does not exist
    step.tool("v", search, { with: { words: "a" }, tiemout: "1s" }),
  "a duration without its unit": ({ step }) =>
    // @ts-expect-error Argument of type '"10"' is not assignable
    step.wait("v", "10"),
  "a fallback that gives something else": ({ step }) =>
    // @ts-expect-error Type 'null' is not assignable to type '{ found: string[]; }'
    step.tool("v", findOrder, { with: { key: "k" }, fallback: [toolCall(cancelOrder, { with: { id: "a" } })] }),
  "a fallback's value that does not fit": ({ step }) =>
    // @ts-expect-error Type 'number' is not assignable to type 'Template<string[]> |
    step.tool("v", findOrder, { with: { key: "k" }, fallback: [{ value: { found: 3 } }] }),
  "an undo that reads what the step does not give": ({ step }) =>
    step.tool("v", order, {
      with: { titles: [], pay: { amount: 1, by: "card" } },
      // @ts-expect-error Property 'number' does not exist
      undo: ({ number }) => toolCall(cancelOrder, { with: { id: number } }),
    }),
  "a verified output that does not fit": ({ step }) =>
    step.tool("v", order, {
      with: { titles: [], pay: { amount: 1, by: "card" } },
      unknown: {
        verify: toolCall(findOrder, { with: { key: "k" } }),
        done: ({ found }) => cel`size(${found}) > 0`,
        // @ts-expect-error Type 'string[]' is not assignable to type 'string'
        output: ({ found }) => ({ id: found, "ship-to": "home" }),
      },
    }),
  "an argument of a fallback's tool that is missing": () =>
    // @ts-expect-error Property 'id' is missing
    toolCall(cancelOrder, { with: {} }),
  "a repeat without an end": ({ step }) =>
    // @ts-expect-error Property 'max' is missing
    step.repeat("v", ({ index }) => index, { until: () => true }),
  "an input of a called plan that is missing": ({ step }) => {
    const called = definePlan({ plan: "c", inputs: { name: { type: "string" } } }, () => undefined);
    // @ts-expect-error Property 'name' is missing
    step.call("v", called, { with: {} });
  },
  "an input of a called plan of another type": ({ step, inputs }) => {
    const called = definePlan({ plan: "c", inputs: { name: { type: "string" } } }, () => undefined);
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    step.call("v", called, { with: { name: inputs.most } });
  },
  "an output that a called plan does not give": ({ step }) => {
    const called = definePlan({ plan: "c" }, () => ({ outputs: { sum: 1 } }));
    // @ts-expect-error Property 'total' does not exist
    see(step.call("v", called, {}).output.total);
  },
  "an argument of a built-in tool": ({ step, books }) =>
    // @ts-expect-error Type '{ title: string; price: number; tags: string[]; }[]' is not assignable to type 'string'
    step.tool("v", builtin.fsWrite, { with: { path: "a", text: books.output } }),
  "an answer that no plan has": () =>
    // @ts-expect-error Type 'string' is not assignable to type 'never'
    definePlan({ plan: "c" }, () => ({ respnod: "Hello" })),
  "an answer that is no JSON": () =>
    // @ts-expect-error Index signature for type 'string' is missing in type 'Date'
    definePlan({ plan: "c" }, () => ({ respond: new Date(0) })),
};
