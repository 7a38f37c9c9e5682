import { randomUUID } from "node:crypto";

// Where the log of the tour is: on a server, in a namespace of its own, so that nothing else there is touched or taken up.

export interface LogPlace {
  /** For the configuration: a URL without user and password. */
  readonly store: string;
  /** User and password, as the program reads them. */
  readonly env: Readonly<Record<string, string>>;
}

const LOGIN = /^([^:]+:\/\/)([^/@]*)@/;

/** `url`: what PLANWRIGHT_KURRENTDB_URL names, such as `kurrentdb://ada:secret@db.example:2113?tls=false`. */
export function logPlaceOn(url: string): LogPlace {
  const login = LOGIN.exec(url)?.[2] ?? "";
  const [user = "", ...password] = login.split(":");
  const [server = "", options = ""] = url.replace(LOGIN, "$1").split("?");
  const own = new URLSearchParams(options);
  own.set("namespace", `tour-${randomUUID()}`);
  const env = {
    PLANWRIGHT_STORE_USER: decodeURIComponent(user),
    PLANWRIGHT_STORE_PASSWORD: decodeURIComponent(password.join(":")),
  };
  return { store: `${server}?${own.toString()}`, env: login === "" ? {} : env };
}
