import { checkInputs, checkPlan, formatFindings, openPlanwright, parsePlan } from "planwright";

const text = `
plan: hello
inputs:
  name: { type: string }
steps:
  count:
    tool: text.count
    with: { text: "\${inputs.name}" }
respond: Hello \${inputs.name}, you have \${steps.count.output.characters} letters.
`;

await using planwright = await openPlanwright({ store: ".planwright/embed", root: "." });
const { engine, tools } = planwright;

const parsed = parsePlan(text, { file: "hello.yaml" });
if (!parsed.ok) throw new Error(formatFindings(parsed.findings));
const checked = checkPlan(parsed.source, { tools });
if (!checked.ok) throw new Error(formatFindings(checked.findings));
const given = checkInputs(checked.definition, { name: "Ada" });
if (!given.ok) throw new Error(formatFindings(given.findings));

const plan = await engine.start(checked.definition, given.inputs); // durable when this returns
const ended = await engine.settled(plan, AbortSignal.timeout(60_000));
if (ended.response !== undefined) console.log(await engine.plans.value(ended.response));
