import { z } from "zod";
import { definePlan } from "#src/builders/plan.ts";
import { cel, text } from "#src/builders/expression.ts";
import { toolCall } from "#src/builders/words.ts";
import { defineTool } from "#src/tools/define.ts";
import { secret } from "#src/tools/secret.ts";

const fetchPage = defineTool({
  name: "web.fetch", version: "1.0.0", description: "f",
  input: z.strictObject({ url: z.string(), depth: z.int().default(1), token: secret().optional() }),
  output: z.object({ title: z.string(), links: z.array(z.object({ href: z.string() })), note: z.string().optional() }),
  sideEffects: "read", run: ({ url }) => ({ title: url, links: [] }),
});
const count = defineTool({
  name: "web.count", version: "1.0.0", description: "f",
  input: z.strictObject({ of: z.number(), label: z.string().optional() }), output: z.number(), sideEffects: "write", run: ({ of }) => of,
});

export const inner = definePlan({ plan: "inner", inputs: { n: { type: "integer" }, m: { type: "string", default: "x" } } }, ({ inputs, step }) => {
  const c = step.tool("c", count, { with: { of: inputs.n, label: inputs.m } });
  return { outputs: { total: c.output } };
});

export const p = definePlan(
  { plan: "p", inputs: { url: { type: "string" }, key: { type: "string", secret: true }, level: { enum: ["a", "b"] } } },
  ({ inputs, step }) => {
    const page = step.tool("page", fetchPage, { with: { url: inputs.url, token: inputs.key }, timeout: "10s", fallback: [{ value: { title: "none", links: [] } }] });
    const n = step.tool("n", count, {
      with: { of: cel`size(${page.output.links})`, label: page.output.title },
      when: cel`${inputs.level} == "a"`,
      undo: (output) => toolCall(count, { with: { of: output } }),
      unknown: { verify: toolCall(fetchPage, { with: { url: "x" } }), done: (o) => cel`${o.title} != ""`, output: (o) => cel`size(${o.links})` },
    });
    const all = step.each("all", page.output.links, {
      tolerate: "10%",
      do: ({ item, index, step }) => step.tool("do", fetchPage, { with: { url: item.href, depth: index } }),
    });
    const r = step.repeat("r", ({ index, step }) => step.tool("x", count, { with: { of: index } }), { until: ({ output }) => cel`${output} > 3`, max: 4 });
    const c = step.call("c", inner, { with: { n: r.output } });
    const s = step.signal<{ ok: boolean }>("s", "delivered");
    const a = step.approve("a", { role: "x", show: { t: page.output.title } }, { needs: [n] });
    const v = step.value("v", { total: c.output.total, ok: s.output.ok, by: a.output.by, list: [1, n.output], w: "lit" });
    const w = step.wait("w", "10s");
    const first: { readonly title: string } | null = null as unknown as NonNullable<typeof all.output extends import("#src/builders/template.ts").Ref<infer X> ? X : never>[number];
    return { outputs: { v: v.output, all: all.output, w: w.output, first }, respond: text`Hi ${inputs.url} ${all.errors}` };
  },
);
type O = typeof p extends import("#src/builders/words.ts").Plan<infer I, infer O> ? { i: I; o: O } : never;
export const o: O = 1;
console.log(JSON.stringify(p, null, 1));
