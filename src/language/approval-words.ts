import type { Words } from "./word.ts";

// What the words of an approve step and of its question mean.

export const APPROVE_STEP: Words = {
  approve: {
    meaning:
      "Waits until somebody approves the steps that need this one. The output is `{ approved, hash, by, at, note?, approvals }`, " +
      "where `by` came last and `approvals` lists all as `{ by, at, note? }`.",
    example: { role: "editor", expires: "2d" },
  },
};

export const QUESTION: Words = {
  role: {
    meaning: "A role of the configuration that whoever decides must have.",
    otherwise: "anybody",
    example: "editor",
  },
  approvers: {
    meaning:
      "How many different people have to approve, 1 to 20. The same person twice counts once; one denial is enough.",
    preset: 1,
    example: 2,
  },
  show: {
    meaning: "What is put before whoever decides, a template.",
    otherwise: "nothing but the steps that are covered",
    example: "${steps.notes.output}",
  },
  expires: {
    meaning: "Fails the step with the category `timeout` where nobody has decided by then.",
    otherwise: "never",
    example: "2d",
  },
};
