import type { TemplateKind } from "#src/templates/template.ts";

// Files for people to start from. Each passes `planwright template test` as it is, so that the first change is made to something that
// works.

/** A file to start from, which passes its own test. */
export function scaffold(name: string, kind: TemplateKind): string {
  const head = `template: ${name}\nversion: 0.1.0\ntitle: What it is for, in a line\n`;
  return head + BODIES[kind];
}

const PARAMETERS = `parameters:
  greeting: { type: string, default: Hello, description: How it begins }
`;

const BODIES: Readonly<Record<TemplateKind, string>> = {
  plan: `for:
  requests: ["say {greeting}"]
  actions: [say]
${PARAMETERS}policies:
  plan: { onFailure: stop }
  tool: { timeout: 30s, retry: 3 }
plan:
  steps:
    wrapped:
      tool: text.wrap
      with: { text: "\${parameters.greeting}, world", width: 80 }
  outputs: { text: "\${steps.wrapped.output}" }
  respond: \${steps.wrapped.output}
tests:
  - name: what is said is data
    with: { greeting: Good day }
`,
  step: `${PARAMETERS}policies:
  tool: { timeout: 30s, retry: 3 }
step:
  tool: text.wrap
  with: { text: "\${parameters.greeting}, world", width: 80 }
tests:
  - name: what is said is data
    with: { greeting: Good day }
    expect:
      step:
        tool: text.wrap
        with: { text: "Good day, world", width: 80 }
        timeout: 30s
        retry: 3
`,
  policies: `policies:
  plan: { onFailure: stop, deadline: 1h }
  tool: { timeout: 30s, retry: { attempts: 3, delay: 1s, backoff: exponential } }
`,
};
