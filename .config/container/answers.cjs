// A health check: exits with 0 when somebody answers at every address that it is given, else with 1 and a line that says who
// does not. `http://…` is asked for an answer below 500 (a refusal for want of a token is one), `tcp://HOST:PORT` for a connection.
"use strict";

const http = require("node:http");
const net = require("node:net");
const { setTimeout } = require("node:timers");

const WITHIN_MS = 4_000;

Promise.allSettled(process.argv.slice(2).map(asked)).then((answers) => {
  const silent = answers.filter(({ status }) => status === "rejected").map(({ reason }) => String(reason.message));
  if (answers.length === 0) silent.push("usage: answers.cjs ADDRESS…");
  if (silent.length > 0) process.stderr.write(`${silent.join("\n")}\n`);
  process.exit(silent.length === 0 ? 0 : 1);
});

function asked(address) {
  return new Promise((resolve, reject) => {
    const silent = (why) => reject(new Error(`${address}: ${why}`));
    setTimeout(() => silent(`no answer within ${WITHIN_MS} ms`), WITHIN_MS).unref();
    const { protocol, hostname, port } = new URL(address);
    const isHttp = protocol === "http:";
    if (!isHttp && protocol !== "tcp:") silent("is neither http: nor tcp:");
    else if (isHttp)
      http
        .get(address, ({ statusCode }) => (statusCode < 500 ? resolve() : silent(`status ${statusCode}`)))
        .on("error", ({ message }) => silent(message));
    else
      net
        .connect(Number(port), hostname)
        .on("connect", resolve)
        .on("error", ({ message }) => silent(message));
  });
}
