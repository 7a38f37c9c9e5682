// Over NATS a request may be left while no coordinator is up: `begun` says when one has taken it.
import { connectNats } from "planwright/client";

const source = `
plan: hello
inputs:
  name: { type: string }
steps:
  review: { approve: { show: "greet \${inputs.name}?" } }
  greet: { needs: [review], value: "Hello \${inputs.name}" }
respond: \${steps.greet.output}, said \${steps.review.output.by}.
`;

const server = process.env["PLANWRIGHT_NATS"] ?? "nats://127.0.0.1:4222";
await using client = await connectNats({ servers: [server], principal: "agent" });

const request = { source, inputs: { name: "Ada" }, key: `hello-${process.pid}` };
const published = await client.publish(request);
const { plan } = published;
await client.begun(published);

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
