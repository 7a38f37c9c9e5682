import { cel, text } from "#src/builders/expression.ts";
import { definePlan } from "#src/builders/plan.ts";
import { toolCall } from "#src/builders/words.ts";
import { cancelOrder, findOrder, order, planAhead, search, stock } from "./tools.ts";

// One plan with every kind of step and every word, as YAML and as code.

export const AS_YAML = `
plan: every_word
version: 1.2.0
description: Costs \${1}, and $\${2}.
inputs:
  words: { type: string, default: event sourcing, description: What to look for. }
  token: { type: string, secret: true }
  limits: { type: object, properties: { most: { type: number }, note: { type: string } }, required: [most] }
steps:
  books:
    tool: shop.search
    with: { words: "\${inputs.words} books for 5 $\${}", token: "\${inputs.token}" }
    timeout: 10s
    idempotent: true
    isolate: process
    retry: { attempts: 4, delay: 1s, backoff: fixed, jitter: none, maxDelay: 2s, budget: 1m, on: { rate-limited: { attempts: 9 } } }
    fallback:
      - { tool: shop.search, with: { words: anything }, timeout: 5s, on: [unavailable, timeout] }
      - { value: [], on: [not-found] }
    description: Looks.
  count: { value: "\${size(steps.books.output)}" }
  order:
    tool: shop.order
    when: \${steps.count.output > 0 && inputs.limits.most >= 1.5}
    with:
      titles: \${steps.books.output.map(book, book.title)}
      pay: { amount: "\${steps.books.output[0].price}", by: card }
    unknown:
      verify: { tool: shop.find, with: { key: "\${inputs.words}" }, timeout: 3s }
      done: \${size(output.found) == 1}
      output: { id: "\${output.found[0]}", ship-to: home }
    undo: { tool: shop.cancel, with: { id: "\${output.id}" }, retry: 7 }
    pool: payments
    key: order \${inputs.words}
    uses: { db: 2 }
    priority: 3
    deadline: 1h
    estimate: 90s
  stock: { tool: shop.stock, unknown: retry, irreversible: false, returns: { type: object } }
  later: { wait: 1.5h, needs: [order] }
  noon: { wait: { until: "\${timestamp('2030-01-31T12:00:00Z')}" } }
  searches:
    each: \${steps.books.output}
    as: book
    concurrency: 4
    tolerate: 10%
    do:
      steps:
        tags:
          each: \${book.tags}
          do: { steps: { found: { tool: shop.search, with: { words: "\${item} \${book.title} \${index}" } } } }
        last: { value: "\${steps.tags.output}" }
      output: { title: "\${book.title}", found: "\${steps.last.output}" }
  settled:
    needs: [later]
    repeat: { tool: shop.find, with: { key: "\${string(index)}" } }
    until: \${size(output.found) > 0 || index == 4}
    max: 5
  bill: { call: billing@2.0.0, with: { order: "\${steps.order.output.id}", rate: 0.5 } }
  delivered: { signal: "delivered-\${steps.order.output[\\"ship-to\\"]}", deadline: 2d }
  agreed:
    approve: { role: boss, approvers: 2, show: { failed: "\${steps.searches.errors}" }, expires: 1d }
    fallback: [{ value: null }]
  ahead: { tool: shop.plan, with: { words: more }, revises: true }
  end: { value: { a: [1, true, null], b: "\${steps.bill.output.total}" }, needs: [agreed, delivered], join: { first: 1 } }
outputs: { sum: "\${steps.bill.output.total + 1}", when: "\${steps.agreed.output}" }
returns: { sum: { type: number, minimum: 0 } }
respond: \${steps.count.output}\${''}
onFailure: rollback
replan: { tool: shop.plan, with: { words: "\${inputs.words}" }, max: 2 }
deadline: 30d
pauseStopsClock: true
`;

export const BILLING_AS_YAML = `
plan: billing
version: 2.0.0
inputs: { order: { type: string }, rate: { type: number }, currency: { type: string, default: EUR } }
steps:
  total: { value: "\${inputs.rate * 20}" }
outputs: { total: "\${steps.total.output}", order: "\${inputs.order}", currency: "\${inputs.currency}" }
`;

export const billing = definePlan(
  {
    plan: "billing",
    version: "2.0.0",
    inputs: { order: { type: "string" }, rate: { type: "number" }, currency: { type: "string", default: "EUR" } },
  },
  ({ inputs, step }) => {
    const total = step.value("total", cel<number>`${inputs.rate} * 20`);
    return { outputs: { total: total.output, order: inputs.order, currency: inputs.currency } };
  },
);

export const everyWord = definePlan(
  {
    plan: "every_word",
    version: "1.2.0",
    description: "Costs ${1}, and $${2}.",
    inputs: {
      words: { type: "string", default: "event sourcing", description: "What to look for." },
      token: { type: "string", secret: true },
      limits: {
        type: "object",
        properties: { most: { type: "number" }, note: { type: "string" } },
        required: ["most"],
      },
    },
    onFailure: "rollback",
    deadline: "30d",
    pauseStopsClock: true,
    returns: { sum: { type: "number", minimum: 0 } },
  },
  ({ inputs, step }) => {
    const books = step.tool("books", search, {
      with: { words: text`${inputs.words} books for ${5} ${"${}"}`, token: inputs.token },
      timeout: "10s",
      idempotent: true,
      isolate: "process",
      retry: {
        ...{ attempts: 4, delay: "1s", backoff: "fixed", jitter: "none", maxDelay: "2s", budget: "1m" },
        on: { "rate-limited": { attempts: 9 } },
      },
      fallback: [
        toolCall(search, { with: { words: "anything" }, timeout: "5s", on: ["unavailable", "timeout"] }),
        { value: [], on: ["not-found"] },
      ],
      description: "Looks.",
    });
    const count = step.value("count", cel<number>`size(${books.output})`);
    const ordered = step.tool("order", order, {
      when: cel`${count.output} > 0 && ${inputs.limits.most} >= ${1.5}`,
      with: {
        titles: cel`${books.output}.map(book, book.title)`,
        pay: { amount: cel<{ price: number }>`${books.output}[0]`.price, by: "card" },
      },
      unknown: {
        verify: toolCall(findOrder, { with: { key: inputs.words }, timeout: "3s" }),
        done: ({ found }) => cel`size(${found}) == ${1}`,
        output: ({ found }) => ({ id: cel<string>`${found}[0]`, "ship-to": "home" }),
      },
      undo: ({ id }) => toolCall(cancelOrder, { with: { id }, retry: 7 }),
      pool: "payments",
      key: text`order ${inputs.words}`,
      uses: { db: 2 },
      priority: 3,
      deadline: "1h",
      estimate: "90s",
    });
    step.tool("stock", stock, { unknown: "retry", irreversible: false, returns: { type: "object" } });
    const later = step.wait("later", "1.5h", { needs: [ordered] });
    step.wait("noon", { until: cel`timestamp('2030-01-31T12:00:00Z')` });
    const searches = step.each("searches", books.output, {
      as: "book",
      concurrency: 4,
      tolerate: "10%",
      do: ({ item: book, step }) => {
        const tags = step.each("tags", book.tags, {
          do: ({ item, index, step }) =>
            step.tool("found", search, { with: { words: text`${item} ${book.title} ${index}` } }),
        });
        const last = step.value("last", tags.output);
        return { title: book.title, found: last.output };
      },
    });
    step.repeat("settled", ({ index, step }) => step.tool("do", findOrder, { with: { key: cel`string(${index})` } }), {
      needs: [later],
      until: ({ output, index }) => cel`size(${output.found}) > 0 || ${index} == 4`,
      max: 5,
    });
    const bill = step.call("bill", billing, { with: { order: ordered.output.id, rate: 0.5 } });
    const delivered = step.signal("delivered", text`delivered-${ordered.output["ship-to"]}`, { deadline: "2d" });
    const agreed = step.approve(
      "agreed",
      { role: "boss", approvers: 2, show: { failed: searches.errors }, expires: "1d" },
      { fallback: [{ value: null }] },
    );
    step.tool("ahead", planAhead, { with: { words: "more" }, revises: true });
    step.value("end", { a: [1, true, null], b: bill.output.total }, { needs: [agreed, delivered], join: { first: 1 } });
    return {
      outputs: { sum: cel<number>`${bill.output.total} + 1`, when: agreed.output },
      respond: text`${count.output}`,
      replan: { tool: "shop.plan", with: { words: inputs.words }, max: 2 },
    };
  },
);
