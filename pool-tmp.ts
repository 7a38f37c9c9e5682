import { readFileSync } from "node:fs";
import { catalogEntry } from "#src/planning/catalog/entry.ts";
import { relevanceIndex } from "#src/planning/relevance/relevance-index.ts";
import { relevance, relevant } from "#src/planning/relevance/tool-relevance.ts";
const d = JSON.parse(readFileSync("/work/shared/data/nestful/executable/executable-data.json","utf8"));
const spec = JSON.parse(readFileSync("/work/shared/data/nestful/executable/executable-spec.json","utf8"));
const low=(s)=>{const t=String(s).toLowerCase(); return t==="float"?"number":t==="enum"?"string":t.startsWith("date")?"string":t;};
function props(ps){ const properties={}, required=[]; for(const [k,v] of Object.entries(ps??{})){ const o={type:low(v.type), description:v.description}; const en=v.enum??(Array.isArray(v.allowed_values)?v.allowed_values:v.possible_values); if(Array.isArray(en))o.enum=en; if(v.default!==undefined)o.default=v.default; if(v.properties){o.properties=props(v.properties).properties;} if(v.items)o.items=v.items; properties[k]=o; if(v.required===true|| v.optional===undefined&&v.required===undefined&&v.default===undefined&&/business_id|username|search_query/.test(k))required.push(k);} return {type:"object",properties,required}; }
const entries=spec.map(t=>catalogEntry({name:t.name,version:"1.0.0",description:t.description,sideEffects:"read",inputSchema:props({...t.path_parameters,...t.query_parameters}),outputSchema:props(t.output_parameters)}));
const gold = d.map((r)=>({request:r.input, tools:[...new Set(r.output.filter(o=>o.name!=="var_result").map(o=>o.name))]}));
const f1=(a,b)=>{const A=new Set(a),B=new Set(b);let h=0;for(const x of A)if(B.has(x))h++;return 2*h/(A.size+B.size);};
const idx=relevanceIndex(entries);
const pick=(r)=>closure(r,pick0(r));
const W=Number(process.env.FEED??0.75);
function closure(r,s){ const P=new Map(r.map(x=>[x.entry.name,x])); const at=new Map(entries.map((e,i)=>[e.name,i])); const S=new Set(s.map(x=>x.entry.name)); for(let round=0;round<3;round++) for(const n of [...S]){ const fs=[...idx.feeders[at.get(n)]].filter(([,fit])=>fit>=W); if(fs.length===0)continue; if(fs.some(([t])=>S.has(entries[t].name)))continue; const best=fs.sort((a,b)=>(b[1]+0.5*P.get(entries[b[0]].name).probability)-(a[1]+0.5*P.get(entries[a[0]].name).probability))[0]; S.add(entries[best[0]].name);} 
 if(process.env.PRUNE) for(const n of [...S]){ const t=at.get(n); const fed=idx.feeders.map((f,u)=>[u,f.get(t)??0]).filter(([,f])=>f>=W); if(fed.length===0||S.size===1)continue; if(!fed.some(([u])=>S.has(entries[u].name))&&P.get(n).probability<Number(process.env.PRUNE))S.delete(n);} return [...S].map(n=>P.get(n)); }
const pick0=(r)=>{ const s=[...r].sort((a,b)=>b.probability-a.probability); 
 let best=-1,bk=1; for(let k=1;k<=8;k++){ let e=0; const hit=s.slice(0,k).reduce((x,y)=>x+y.probability,0); const tot=s.reduce((x,y)=>x+y.probability,0); e=2*hit/(k+tot); if(e>best){best=e;bk=k;} } return s.slice(0,bk); };

import { trained } from "#src/planning/prediction/predictor.ts";
import { logProbability, probableChains, scoresOf } from "#src/planning/prediction/chain-model.ts";
import { nearest } from "#src/planning/prediction/neighbours.ts";
import { vectorOf } from "#src/planning/prediction/vocabulary.ts";
const chainGold = d.map((r)=>({request:r.input, chain:r.output.filter(o=>o.name!=="var_result").map(o=>o.name)}));
const norm=(v)=>{const s=v.reduce((a,b)=>a+b,0); return s>0?v.map(x=>x/s):v;};
const soft=(v)=>{const m=Math.max(...v); return norm(v.map(x=>Math.exp(x-m)));};
const CW=(process.env.CW??"0.3,0.5,0.2").split(",").map(Number); const SH=Number(process.env.SH??1);
const verbose=process.env.V;
for (const shift of [0,1]) {let s=0,base=0,cov=0; for(let f=0;f<5;f++){ const fold=(i)=>shift?Math.floor(i*5/85):i%5; const tr=(_,i)=>fold(i)!==f; const rel=relevance(idx,gold.filter(tr)); const p=trained(chainGold.filter(tr)); 
 for(const [i,g] of gold.entries()) if(fold(i)===f){ const r=relevant(rel,g.request); const P=new Map(r.map(x=>[x.entry.name,Math.min(0.999,Math.max(0.001,x.probability))])); base+=f1(pick0(r).map(x=>x.entry.name),g.tools);
  const vec=vectorOf(p.vocabulary,g.request); const words=scoresOf(p.chains,vec); const near=nearest(p.known,vec,10);
  const cand=new Map(); const add=(names)=>{const set=[...new Set(names)]; const k=[...set].sort().join("|"); const c=cand.get(k)??{set,chain:names,log:-Infinity,votes:0}; cand.set(k,c); return c;};
  for(const c of probableChains(p.chains,words,30)){ const e=add(c.map(t=>p.tools[t])); e.log=Math.max(e.log,logProbability(p.chains,words,c)); }
  for(const n of near){ const ch=p.knownChains[n.text]; const e=add(ch.map(t=>p.tools[t])); e.votes+=Math.exp(20*(n.similarity-near[0].similarity)); e.log=Math.max(e.log,logProbability(p.chains,words,ch)); }
  const sorted=[...r].sort((a,b)=>b.probability-a.probability); for(let k=1;k<=7;k++){ add(sorted.slice(0,k).map(x=>x.entry.name)); for(let j=0;j<k-1;j++) add(sorted.slice(0,k).filter((_,q)=>q!==j).map(x=>x.entry.name)); }
  const cs=[...cand.values()]; if(cs.some(c=>f1(c.set,g.tools)===1))cov++;
  const L=(process.env.L??'1,1').split(',').map(Number); const at=new Map(entries.map((e,i)=>[e.name,i])); const pen=(set)=>{const S=set.map(n=>at.get(n)); let x=0; for(const t of S){ const cons=idx.feeders.flatMap((f,u)=>(f.get(t)??0)>=0.84?[u]:[]); if(cons.length>0&&entries[t].outputs.length<8&&!cons.some(u=>S.includes(u)))x-=L[0]; const fs=[...idx.feeders[t]].filter(([,f])=>f>=0.84).map(([q])=>q); const opaque=entries[t].parameters.some(q=>q.isRequired&&/id$/i.test(q.meaning.kinds[0]??'')); if(opaque&&fs.length>0&&!fs.some(q=>S.includes(q)))x-=L[1]; } return x; };
  const odds=(t)=>Math.log(P.get(t)/(1-P.get(t)));
  const a=soft(cs.map(c=>c.log*1)), b=soft(cs.map(c=>SH*c.set.reduce((x,t)=>x+odds(t),0)+pen(c.set))), v=norm(cs.map(c=>c.votes));
  const pr=cs.map((_,k)=>CW[0]*a[k]+CW[1]*b[k]+CW[2]*v[k]);
  let best,most=-1; for(const c of cs){ let e=0; cs.forEach((o,k)=>{if(pr[k]>1e-4)e+=pr[k]*f1(c.set,o.set);}); if(e>most){most=e;best=c;} }
  const val=f1(best.set,g.tools); s+=val; if(verbose&&val<1&&!shift)console.log(i,val.toFixed(2),g.request,"\n    ",best.set.join(" "),"\n     ",g.tools.join(" ")); } } console.log("POOL",shift,(s/85).toFixed(4),"base",(base/85).toFixed(4),"cov",(cov/85).toFixed(3)); }
