// Values that are compared as the JSON that they become, whatever test runner compares them: a field that is undefined is
// one that is not there, and matchers of vitest and Jest (`expect.any(String)`, `expect.objectContaining(…)`) are asked.

/** Actual and expected, ready for `assert.deepEqual`: matchers that hold have become what they match. */
export function settledBy(actual: unknown, expected: unknown): [actual: unknown, expected: unknown] {
  return [asJson(actual), asJson(settle(expected, actual))];
}

const UNMATCHED = "something else, that a matcher describes";

interface Matcher {
  asymmetricMatch(actual: unknown): boolean;
}

function settle(expected: unknown, actual: unknown): unknown {
  if (isMatcher(expected)) return expected.asymmetricMatch(actual) ? actual : UNMATCHED;
  if (Array.isArray(expected)) {
    const found: readonly unknown[] = Array.isArray(actual) ? actual : [];
    return expected.map((one: unknown, index) => settle(one, found[index]));
  }
  if (!isObject(expected)) return expected;
  const found = isObject(actual) ? actual : {};
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, settle(value, found[key])]));
}

function isMatcher(value: unknown): value is Matcher {
  return isObject(value) && typeof value.asymmetricMatch === "function";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
