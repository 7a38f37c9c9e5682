import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "#src/ports/system/clock.ts";
import { isStoreAddress } from "#src/ports/store-address.ts";
import { storeAddress } from "#src/store/kurrent/address.ts";
import { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { temporaryFolder } from "../folder.ts";

const PASSWORD = "p@ss:w/?#&=ord";
const ENCODED = encodeURIComponent(PASSWORD);

describe("the address of a store", () => {
  it.each([
    ["kurrentdb://db.example:2113", "kurrentdb://db.example:2113"],
    ["esdb://127.0.0.1:2113?tls=false", "kurrentdb://127.0.0.1:2113?tls=false"],
    ["esdb+discover://cluster.example", "kurrentdb+discover://cluster.example"],
    ["kurrentdb://a:1,b:2,c/?tlsCAFile=ca.pem", "kurrentdb://a:1,b:2,c?tlsCAFile=ca.pem"],
    ["kurrentdb://a?tlsCAFile=%2Fetc%2Fca.pem", "kurrentdb://a?tlsCAFile=/etc/ca.pem"],
  ])("%s is one, and goes to the client as %s", (text, url) => {
    expect(isStoreAddress(text)).toBe(true);
    expect(storeAddress(text, {})).toMatchObject({ url, prefix: "planwright_" });
  });

  it("is no folder, and a folder is no address", () => {
    for (const folder of [".planwright", "/data/kurrentdb", "kurrentdb:", "./esdb:/x"])
      expect(isStoreAddress(folder)).toBe(false);
  });

  it("names a namespace, which is ours and not for the client", () => {
    const { url, prefix } = storeAddress("kurrentdb://a?tls=false&namespace=staging", {});
    expect({ url, prefix }).toEqual({ url: "kurrentdb://a?tls=false", prefix: "staging_" });
  });

  it.each([
    ["kurrentdb://", "hosts are wanted"],
    ["kurrentdb://a:b", "hosts are wanted"],
    ["kurrentdb://a?tsl=false", "there is no option"],
    ["kurrentdb://a?tls=no", "cannot be"],
    ["kurrentdb://a?throwOnAppendFailure=false", "cannot be"],
    ["kurrentdb://a?nodePreference=follower", "cannot be"],
    ["kurrentdb://a?namespace=Mine", "a namespace is"],
    ["kurrentdb://a?tlsCAFile=a%26b", "a character that the client cannot read"],
    ["kurrentdb://ada@a", "USER:PASSWORD@"],
  ])("%s is refused", (text, why) => {
    expect(() => storeAddress(text, {})).toThrow(
      expect.objectContaining({ code: "store-address-invalid", message: expect.stringContaining(why) as string }),
    );
  });

  it("keeps every character of a password for the client, and none of it for people", () => {
    for (const written of [PASSWORD, ENCODED]) {
      const { url, name, credentials } = storeAddress(`kurrentdb://ada:${written}@db:2113?tls=true`, {});
      expect({ url, name, credentials }).toEqual({
        url: `kurrentdb://ada:${ENCODED}@db:2113?tls=true`,
        name: "kurrentdb://db:2113?tls=true",
        credentials: { username: "ada", password: PASSWORD },
      });
    }
  });

  it("tells nobody a password without TLS", () => {
    const address = storeAddress("kurrentdb://ada:pw@db?tls=false", {});
    expect(address).toMatchObject({ url: "kurrentdb://db?tls=false" });
    expect(JSON.stringify(address)).not.toContain("pw");
  });

  it("takes user and password from the environment, where the URL has none", async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, "password");
    await writeFile(file, `${PASSWORD}\n`);
    const user = { PLANWRIGHT_STORE_USER: "ada" };
    for (const environment of [{ PLANWRIGHT_STORE_PASSWORD: PASSWORD }, { PLANWRIGHT_STORE_PASSWORD_FILE: file }]) {
      expect(storeAddress("kurrentdb://db", { ...user, ...environment }).url).toBe(`kurrentdb://ada:${ENCODED}@db`);
      expect(storeAddress("kurrentdb://bob:x@db", { ...user, ...environment }).url).toBe("kurrentdb://bob:x@db");
    }
    for (const environment of [user, { ...user, PLANWRIGHT_STORE_PASSWORD_FILE: `${file}.none` }])
      expect(() => storeAddress("kurrentdb://db", environment)).toThrow(
        expect.objectContaining({ code: "store-credentials-unreadable" }),
      );
  });

  it("shows no password when it is wrong, here or in the client", async () => {
    for (const text of [`kurrentdb://ada:${PASSWORD}@`, `kurrentdb://ada:${ENCODED}@db?tsl=1`]) {
      const thrown = await Promise.try(() => storeAddress(text, {})).catch((error: unknown) => error);
      expect(JSON.stringify([thrown, (thrown as Error).message])).not.toMatch(/p@ss|p%40ss|w\/|ord/);
    }
    const address = storeAddress(`kurrentdb://ada:${ENCODED}@db?tlsCAFile=/nowhere/ca.pem`, {});
    await using connection = new KurrentConnection({ address, clock: systemClock });
    const thrown = (await connection.client().catch((error: unknown) => error)) as Error;
    expect(thrown).toMatchObject({ code: "store-address-invalid" });
    expect([thrown.message, String(thrown.cause), JSON.stringify(thrown)].join()).not.toContain("p%40ss");
  });
});
