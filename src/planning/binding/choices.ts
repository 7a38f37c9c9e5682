import { canBe } from "#src/planning/binding/as-argument.ts";
import { slotKey, type Habits, type TextPart } from "#src/planning/binding/habits.ts";
import { outputChoices } from "#src/planning/binding/output-choices.ts";
import { saidChoices } from "#src/planning/binding/said-choices.ts";
import type { Choice, Slot } from "#src/planning/binding/slot.ts";
import type { OutputSource } from "#src/planning/binding/source.ts";
import type { Span } from "#src/planning/binding/spans.ts";

// All that one argument of a call could be: words of the request, outputs of calls before, what it is where nobody says otherwise,
// or nothing.

export function choicesFor(slot: Slot, habits: Habits): readonly Choice[] {
  const key = slotKey(slot.entry.name, slot.parameter);
  return [
    ...saidChoices(slot),
    ...outputChoices(slot, habits),
    ...habitChoices(slot, key, habits),
    ...defaultChoice(slot, key),
    {
      source: undefined,
      features: [
        [slot.parameter.isRequired ? "missing" : "none", 1],
        [`${key}|none`, 1],
      ],
    },
  ];
}

function defaultChoice({ parameter }: Slot, key: string): readonly Choice[] {
  const { fallback } = parameter;
  if (fallback === undefined || !canBe(fallback, parameter)) return [];
  const source = { kind: "default", value: fallback } as const;
  return [
    {
      source,
      features: [
        ["default", 1],
        [`${key}|default`, 1],
      ],
    },
  ];
}

function habitChoices(slot: Slot, key: string, habits: Habits): readonly Choice[] {
  const constants = habits.constants(key).filter(({ value }) => canBe(value, slot.parameter));
  return [
    ...constants.map(({ value, share }): Choice => ({
      source: { kind: "habit", value },
      features: [
        ["habit", share],
        [`${key}|habit:${JSON.stringify(value)}`, 1],
      ],
    })),
    ...habits.texts(key).flatMap((parts): readonly Choice[] => {
      const filled = filledText(parts, slot);
      const source = filled && ({ kind: "text", parts: filled } as const);
      return source === undefined
        ? []
        : [
            {
              source,
              features: [
                ["text", 1],
                [`${key}|text`, 1],
              ],
            },
          ];
    }),
  ];
}

/** A text as calls of this tool had it before, with numbers of this request and outputs of these calls; undefined where one is wanting. */
function filledText(
  parts: readonly TextPart[],
  { spans, before }: Slot,
): readonly (string | OutputSource)[] | undefined {
  const numbers = spans.filter(({ kind }) => kind === "number" || kind === "money").flatMap(numberIn);
  const free = [...before.entries()].reverse();
  const filled = parts.map((part): string | OutputSource | undefined => {
    if (typeof part === "string") return part;
    if (part.kind === "number") return numbers.shift();
    const at = free.findIndex(([, { tool }]) => tool === part.tool);
    const [call] = free.splice(at, at < 0 ? 0 : 1)[0] ?? [];
    return call === undefined ? undefined : { kind: "output", call, path: part.path };
  });
  return filled.every((part) => part !== undefined) ? filled : undefined;
}

function numberIn({ found }: Span): readonly string[] {
  return typeof found?.value === "number" ? [String(found.value)] : [];
}
