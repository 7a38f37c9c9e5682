import { spawnSync } from "node:child_process";
import path from "node:path";
import { nkeys } from "@nats-io/transport-node";

// What real installations get from their authority: certificates (made by openssl), and the JWTs of NATS' operator mode.

export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A certificate for this name, of an authority of its own. */
export function certificatesIn(folder: string, name: `DNS:${string}` | `IP:${string}`): Certificates {
  const at = (name: string): string => path.join(folder, name);
  const days = ["-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  openssl(["req", "-x509", ...days, "-subj", "/CN=authority", "-keyout", at("ca.key"), "-out", at("ca.pem")]);
  openssl([
    ...["req", "-x509", ...days, "-subj", "/CN=server", "-addext", `subjectAltName=${name}`],
    ...["-addext", "basicConstraints=critical,CA:FALSE", "-CA", at("ca.pem"), "-CAkey", at("ca.key")],
    ...["-keyout", at("server.key"), "-out", at("server.pem")],
  ]);
  return { ca: at("ca.pem"), cert: at("server.pem"), key: at("server.key") };
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
}

/** An operator with one account: the server's configuration, and credentials of users. */
export class Operator {
  readonly #operator = nkeys.createOperator();
  readonly #account = nkeys.createAccount();

  get config(): string {
    const operator = jwt(this.#operator, { sub: this.#operator.getPublicKey(), type: "operator" });
    const account = jwt(this.#operator, {
      sub: this.#account.getPublicKey(),
      type: "account",
      limits: { subs: -1, data: -1, payload: -1, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true },
    });
    return `operator: ${operator}\nresolver: MEMORY\nresolver_preload: { ${this.#account.getPublicKey()}: ${account} }`;
  }

  /** The text of a credentials file. */
  credentials(): string {
    const user = nkeys.createUser();
    const token = jwt(this.#account, { sub: user.getPublicKey(), type: "user", subs: -1, data: -1, payload: -1 });
    const seed = Buffer.from(user.getSeed()).toString();
    return [
      "-----BEGIN NATS USER JWT-----",
      token,
      "------END NATS USER JWT------",
      "",
      "-----BEGIN USER NKEY SEED-----",
      seed,
      "------END USER NKEY SEED------",
      "",
    ].join("\n");
  }
}

type KeyPair = ReturnType<typeof nkeys.createUser>;

interface Claims extends Readonly<Record<string, unknown>> {
  readonly sub: string;
  readonly type: "operator" | "account" | "user";
}

function jwt(issuer: KeyPair, { sub, ...nats }: Claims): string {
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { jti: sub, iat: Math.floor(Date.now() / 1_000), iss: issuer.getPublicKey(), name: "test", sub };
  const body = `${encoded({ typ: "JWT", alg: "ed25519-nkey" })}.${encoded({ ...claims, nats: { ...nats, version: 2 } })}`;
  return `${body}.${Buffer.from(issuer.sign(Buffer.from(body))).toString("base64url")}`;
}
