// What a merchant's server does for a payment: it has a payment provider charge the card, writes the payment down, and answers. The
// provider is another server, and the book a directory that outlives the process and that all replicas share.
"use strict";
const { randomUUID } = require("node:crypto");
const fs = require("node:fs/promises");
const path = require("node:path");

const kProviderTimeout = 5_000; // ms

// An error that the client is told, with its status.
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function writeDurably(file, text) {
  const handle = await fs.open(file, "wx");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

class Merchant {
  constructor({ provider, book }) {
    this.provider = provider;
    this.book = book;
  }

  async pay({ order, amount, token }, account) {
    if (!Number.isInteger(amount) || amount <= 0) throw new Refusal(400, "an amount is a positive integer");
    const charge = await this.#charge({ amount, token });
    return this.#write({ id: randomUUID(), kind: "payment", order, amount, account, charge: charge.id });
  }

  async refund({ order, amount }, account) {
    return this.#write({ id: randomUUID(), kind: "refund", order, amount, account });
  }

  async find(id, account) {
    const file = this.#file(id);
    let text;
    try {
      text = await fs.readFile(file, "utf8");
    } catch (error) {
      throw error.code === "ENOENT" ? new Refusal(404, "no such payment") : error;
    }
    const payment = JSON.parse(text);
    if (payment.account !== account) throw new Refusal(404, "no such payment");
    return payment;
  }

  async remove(id, account) {
    await this.find(id, account);
    await fs.unlink(this.#file(id));
  }

  async #charge(payment) {
    let answer;
    try {
      answer = await fetch(`${this.provider}/charges`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(payment),
        signal: AbortSignal.timeout(kProviderTimeout),
      });
      if (answer.ok) return await answer.json();
    } catch (error) {
      throw new Refusal(502, `the provider gave no answer: ${error.message}`);
    }
    throw new Refusal(502, `the provider answered ${answer.status}`);
  }

  async #write(entry) {
    await writeDurably(this.#file(entry.id), JSON.stringify(entry));
    return entry;
  }

  #file(id) {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new Refusal(404, "no such payment");
    return path.join(this.book, `${id}.json`);
  }
}

// Any bearer token is an account of its own; without one there is no service but the probe.
function authenticate(request, response, next) {
  const [, account] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
  if (!account && request.url !== "/readyz") {
    response.status(401).send({ error: "whose payment is it?" });
    return;
  }
  request.account = account;
  next();
}

// --name VALUE pairs of a command line.
function optionsOf(names) {
  const given = process.argv.slice(2);
  const options = {};
  for (let i = 0; i < given.length; i += 2) options[given[i].replace(/^--/, "")] = given[i + 1];
  for (const name of names) {
    if (options[name] === undefined) throw new Error(`--${name} is missing`);
  }
  return options;
}

module.exports = { Merchant, Refusal, authenticate, optionsOf };
