import { z } from "zod";
import { secretPlace as place } from "#src/ports/secret-place.ts";

// What the configuration says about NATS: where its servers are, who this is for them, and whom to believe. No secret stands
// in it; every one is named by the place where it is kept.

const MAX_CHARS = 4_096;
const MAX_SERVERS = 100;
const MAX_NAMESPACE_CHARS = 64;

const text = z.string().min(1).max(MAX_CHARS);

export const DEFAULT_NAMESPACE = "default";

export const natsSettings = z.strictObject({
  servers: z
    .array(
      text.regex(/^(?:nats|tls):\/\/[^\s@/]+\/?$/, {
        error: "a server is nats://HOST:PORT or tls://HOST:PORT, without user and password",
      }),
    )
    .min(1)
    .max(MAX_SERVERS)
    .meta({ description: "Addresses of the servers of one cluster, nats://HOST:PORT." }),
  namespace: z
    .string()
    .max(MAX_NAMESPACE_CHARS)
    .regex(/^[a-z][a-z0-9-]*$/, { error: "a namespace is a letter a-z, then letters a-z, digits or -" })
    .exactOptional()
    .meta({ description: "Keeps installations apart that share a server. Default: default." }),
  token: place.exactOptional().meta({ description: "Where the token is kept." }),
  user: z.union([text, place]).exactOptional().meta({ description: "The user, or where its name is kept." }),
  password: place.exactOptional().meta({ description: "Where the user's password is kept." }),
  nkey: place.exactOptional().meta({ description: "Where the seed of the nkey is kept." }),
  creds: place.exactOptional().meta({ description: "Where the credentials are kept that hold a JWT and its seed." }),
  tls: z
    .strictObject({ ca: text.exactOptional(), cert: text.exactOptional(), key: text.exactOptional() })
    .exactOptional()
    .meta({ description: "PEM files: whom to believe (ca), and who this is (cert with its key)." }),
});

export type NatsSettings = Readonly<z.infer<typeof natsSettings>>;
