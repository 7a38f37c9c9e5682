import { z } from "zod";

// Where the configuration says that a secret is kept: it never stands in the file itself.

const MAX_PLACE_CHARS = 4_096;

const place = z.string().min(1).max(MAX_PLACE_CHARS);

/** A variable of the environment, or a file; the file's last line break does not count. */
export const secretPlace = z.union([z.strictObject({ env: place }), z.strictObject({ file: place })]);

export type SecretPlace = z.infer<typeof secretPlace>;
