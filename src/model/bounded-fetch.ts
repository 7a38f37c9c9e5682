import { ToolFailure } from "#src/tools/define.ts";

// How a model's packages reach the outside: what they get is bounded, and goes nowhere else.
//
// F1. An answer has at most `maxBytes`, whatever it is made of: a stream of nothing but signs of life ends as well.
// F2. Redirects are not followed: the key goes with a request, and only the configuration says to whom.

export function boundedFetch(maxBytes: number): typeof fetch {
  return async (input, init) => {
    const answer = await fetch(input, { ...init, redirect: "manual" });
    if (isRedirect(answer)) {
      await answer.body?.cancel();
      const message = "the model's server sends the request elsewhere; name the right place as baseUrl";
      throw new ToolFailure("validation", message, { code: "model-request-refused" });
    }
    if (answer.body === null) return answer;
    const { status, statusText, headers } = answer;
    return new Response(answer.body.pipeThrough(bounded(maxBytes)), { status, statusText, headers });
  };
}

function isRedirect({ status, headers }: Response): boolean {
  return status >= 300 && status < 400 && headers.has("location");
}

function bounded(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes <= maxBytes) controller.enqueue(chunk);
      else controller.error(endlessAnswer(`it has sent ${maxBytes} bytes`));
    },
  });
}

export function endlessAnswer(why: string): ToolFailure {
  const message = `the model's answer does not end: ${why}`;
  return new ToolFailure("resource-exhausted", message, { code: "model-answer-endless" });
}
