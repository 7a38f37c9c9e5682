// The same lines for a browser: `planwright/client` over HTTP needs nothing of Node.
import { connectHttp } from "planwright/client";

const source = `
plan: hello
inputs:
  name: { type: string }
steps:
  review: { approve: { show: "greet \${inputs.name}?" } }
  greet: { needs: [review], value: "Hello \${inputs.name}" }
respond: \${steps.greet.output}, said \${steps.review.output.by}.
`;

using client = connectHttp({ url: process.env["PLANWRIGHT_URL"] ?? "http://127.0.0.1:4747" });

const { plan } = await client.submit({ source, inputs: { name: "Ada" }, key: `hello-${process.pid}` });

for await (const fact of client.events({ plan })) {
  console.log(fact.revision, fact.type);
  if (fact.type === "StepWaitStarted") {
    const { approvals } = await client.approvals({ plan });
    for (const { step, hash } of approvals) await client.approve({ plan, step, hash });
  }
  if (fact.type === "PlanSucceeded") break;
}

const { response } = await client.wait({ plan });
console.log(response);
