import { simulate } from "./simulate.ts";
const [from = "1", to = "200"] = process.argv.slice(2);
const groups = new Map<string, { seeds: number[]; text: string }>();
const facts: Record<string, number> = {};
const t0 = performance.now(); let slow = [0, 0];
for (let seed = +from; seed <= +to; seed++) {
  const t = performance.now();
  let v: string | undefined;
  try { const r = await simulate(seed); v = r.violation; for (const [k, n] of Object.entries(r.facts)) facts[k] = (facts[k] ?? 0) + n; }
  catch (e) { v = "THROWN " + (e as Error).stack?.slice(0, 600); }
  const took = performance.now() - t; if (took > slow[1]!) slow = [seed, took];
  if (v === undefined) continue;
  const key = v.replace(/[0-9a-f]{8}-[0-9a-f-]+|\b[0-9a-f]{4,}\b|\d+/g, "#").slice(0, 60);
  const g = groups.get(key) ?? { seeds: [], text: v };
  g.seeds.push(seed); groups.set(key, g);
}
for (const [, g] of [...groups].sort((a, b) => b[1].seeds.length - a[1].seeds.length)) console.log(g.seeds.length, g.seeds.slice(0, 6).join(","), "|", g.text.slice(0, 400));
console.log(JSON.stringify(facts), "ms", Math.round(performance.now() - t0), "slowest", slow);
