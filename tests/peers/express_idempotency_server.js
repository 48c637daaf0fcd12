// A server for payments behind express-idempotency, put together as that package's README says: the middleware before the handlers of
// every POST, with its own store, and its errors reported.
//   node express_idempotency_server.js --port PORT --provider URL --book DIRECTORY
"use strict";
const express = require("express");
const { idempotency, getSharedIdempotencyService } = require("express-idempotency");
const { Merchant, authenticate, optionsOf } = require("./merchant.js");

const { port, provider, book } = optionsOf(["port", "provider", "book"]);
const merchant = new Merchant({ provider, book });
const app = express();

// Runs `work` unless the middleware has answered already, and tells the middleware when it failed.
function once(status, work) {
  return async (request, response) => {
    const service = getSharedIdempotencyService();
    if (service.isHit(request)) return;
    try {
      response.status(status).send(await work(request));
    } catch (error) {
      await service.reportError(request);
      response.status(error.status ?? 500).send({ error: error.message });
    }
  };
}

// Without keys: reading and deleting.
function plainly(status, work) {
  return async (request, response) => {
    try {
      response.status(status).send(await work(request));
    } catch (error) {
      response.status(error.status ?? 500).send({ error: error.message });
    }
  };
}

app.get("/readyz", (request, response) => response.send("ready"));
app.use(authenticate);
app.use(express.json());
app.post("*", idempotency());
app.post("/payments", once(201, (request) => merchant.pay(request.body, request.account)));
app.post("/refunds", once(201, (request) => merchant.refund(request.body, request.account)));
app.get("/payments/:id", plainly(200, (request) => merchant.find(request.params.id, request.account)));
app.delete("/payments/:id", plainly(204, (request) => merchant.remove(request.params.id, request.account)));

const server = app.listen(Number(port), "127.0.0.1", () => console.log(`listens on http://127.0.0.1:${server.address().port}`));
