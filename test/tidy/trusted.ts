import type { Trusted } from "./assertions.ts";

/** The decode borders and brands of the tree. */
export const TRUSTED: Trusted = {};
