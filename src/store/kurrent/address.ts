import { readFileSync } from "node:fs";
import { Fault } from "#events/fault.ts";

// What a person writes to name a server, as the client wants it: read strictly here, because the client prints what it does not
// understand, with the password in it.
//
// U1. Nothing of a user or password is in `name` or in a message.
// U2. Options that would break a rule of the store are refused: answers that hide a refused append, reads elsewhere than at the leader.
// U3. User and password come from the URL, or else from the environment; a password also from a file that the environment names.
//     Several hosts and `+discover` are handed to the client as they are; no cluster was tried (expected, not tried).
// U4. Without TLS nobody is told a password: the client leaves it out of some calls then, and here it is left out of all.

export interface StoreAddress {
  /** For the client. Not to be shown: it may have a password in it. */
  readonly url: string;
  /** What stands in `url` as well, for calls that read it wrongly there; none without TLS. */
  readonly credentials?: Credentials;
  /** For people: the URL without user and password. */
  readonly name: string;
  /** Hosts and namespace: which log it is, however it is reached. */
  readonly identity: string;
  /** Stands before the names of our streams, so that several installations share a server. */
  readonly prefix: string;
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

const USER_VARIABLE = "PLANWRIGHT_STORE_USER";
const PASSWORD_VARIABLE = "PLANWRIGHT_STORE_PASSWORD";
const PASSWORD_FILE_VARIABLE = "PLANWRIGHT_STORE_PASSWORD_FILE";

type Environment = Readonly<Record<string, string | undefined>>;

const URL_PARTS = /^(?:esdb|kurrentdb)(\+discover)?:\/\/(?:(.*)@)?([^@/?]+)\/?(?:\?(.*))?$/s;
const HOSTS = /^[A-Za-z0-9.-]+(?::\d{1,5})?(?:,[A-Za-z0-9.-]+(?::\d{1,5})?)*$/;

const DEFAULT_NAMESPACE = "planwright";
const PLAIN = /^tls=false$/i;
const NAMESPACE = /^[a-z][a-z0-9-]{0,99}$/;

/** Of these options the value is the path of a file. */
const FILES: ReadonlySet<string> = new Set(["tlscafile", "usercertfile", "userkeyfile"]);

/** What the client understands, in lower case, with what a value has to look like. */
const OPTIONS: Readonly<Record<string, RegExp>> = {
  tls: /^(?:true|false)$/,
  tlsverifycert: /^(?:true|false)$/,
  tlscafile: /./,
  usercertfile: /./,
  userkeyfile: /./,
  connectionname: /./,
  maxdiscoverattempts: /^\d+$/,
  discoveryinterval: /^\d+$/,
  gossiptimeout: /^\d+$/,
  keepaliveinterval: /^-?\d+$/,
  keepalivetimeout: /^-?\d+$/,
  defaultdeadline: /^[1-9]\d*$/,
  nodepreference: /^leader$/i,
  throwonappendfailure: /^true$/,
};

/** The URL as it may be shown. */
export function shownAddress(store: string): string {
  return store.replace(/^([a-z+]+:\/\/).*@/s, "$1");
}

/** Faults: `store-address-invalid`, `store-credentials-unreadable`. */
export function storeAddress(text: string, environment: Environment): StoreAddress {
  const name = shownAddress(text);
  const { discover, credentials, hosts, query } = partsOf(text, name);
  const { namespace = DEFAULT_NAMESPACE, kept } = optionsOf(query, name);
  if (!NAMESPACE.test(namespace)) throw invalid(name, "a namespace is a small letter, then small letters, digits or -");
  const login = credentials === undefined ? loginOf(environment) : writtenLogin(credentials, name);
  const options = kept.length === 0 ? "" : `?${kept.join("&")}`;
  const place = { name, identity: `${hosts}/${namespace}`, prefix: `${namespace}_` };
  const isTold = login !== undefined && !kept.some((option) => PLAIN.test(option));
  if (!isTold) return { url: `kurrentdb${discover}://${hosts}${options}`, ...place };
  return { url: `kurrentdb${discover}://${loginText(login)}${hosts}${options}`, credentials: login, ...place };
}

function partsOf(text: string, name: string): Parts {
  const [, discover = "", credentials, hosts = "", query = ""] = URL_PARTS.exec(text) ?? [];
  if (HOSTS.test(hosts)) return { discover, credentials, hosts, query };
  throw invalid(name, "hosts are wanted, such as kurrentdb://HOST:2113 or kurrentdb://A:2113,B:2113");
}

interface Parts {
  readonly discover: string;
  readonly credentials: string | undefined;
  readonly hosts: string;
  readonly query: string;
}

function optionsOf(query: string, name: string): { readonly namespace?: string; readonly kept: readonly string[] } {
  const kept: string[] = [];
  let namespace: string | undefined;
  for (const part of query === "" ? [] : query.split("&")) {
    const [key = "", ...rest] = part.split("=");
    const value = rest.join("=");
    const word = key.toLowerCase().replaceAll(/[_-]/g, "");
    if (word === "namespace") namespace = value;
    else if (OPTIONS[word] === undefined) throw invalid(name, `there is no option ${JSON.stringify(key)}`);
    else if (!OPTIONS[word].test(value))
      throw invalid(name, `the option ${key} cannot be ${JSON.stringify(value)} here`);
    else kept.push(FILES.has(word) ? `${key}=${fileIn(value, name)}` : part);
  }
  return { kept, ...(namespace === undefined ? {} : { namespace }) };
}

/** As both halves of the client read it: one of them decodes nothing. */
function fileIn(value: string, name: string): string {
  const file = decoded(value);
  if (/[%&?#=]/.test(file))
    throw invalid(name, `the name of the file ${file} has a character that the client cannot read`);
  return file;
}

/** As it was written; what is special in it is encoded for the client, which would cut it off. */
function writtenLogin(credentials: string, name: string): Credentials {
  const at = credentials.indexOf(":");
  if (at <= 0) throw invalid(name, "user and password are written USER:PASSWORD@, or come from the environment");
  return { username: decoded(credentials.slice(0, at)), password: decoded(credentials.slice(at + 1)) };
}

function loginOf(environment: Environment): Credentials | undefined {
  const username = environment[USER_VARIABLE];
  if (username === undefined || username === "") return undefined;
  const file = environment[PASSWORD_FILE_VARIABLE];
  const password = environment[PASSWORD_VARIABLE] ?? (file === undefined ? undefined : contentOf(file));
  if (password !== undefined && password !== "") return { username, password };
  throw unreadable(`${USER_VARIABLE} is set, and neither ${PASSWORD_VARIABLE} nor ${PASSWORD_FILE_VARIABLE}`);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    throw unreadable(`the file ${file} that ${PASSWORD_FILE_VARIABLE} names cannot be read: ${messageOf(cause)}`);
  }
}

function loginText({ username, password }: Credentials): string {
  return `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function invalid(name: string, why: string): Fault<"store-address-invalid"> {
  return new Fault("store-address-invalid", `${name} is no address of a store: ${why}`, { details: { server: name } });
}

function unreadable(why: string): Fault<"store-credentials-unreadable"> {
  return new Fault("store-credentials-unreadable", `the store's password is not to be had: ${why}`);
}
