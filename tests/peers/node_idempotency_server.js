// A server for payments behind @node-idempotency/core, through the package's own binding to NestJS and its adapter for Redis, put together
// as the binding's README says: the module at the root, the decorator on the controller.
//   node node_idempotency_server.js --port PORT --provider URL --book DIRECTORY --redis URL-OR-SOCKET
"use strict";
require("reflect-metadata");
const { Body, Controller, Delete, Get, HttpCode, HttpException, Module, Param, Post, Req } = require("@nestjs/common");
const { NestFactory } = require("@nestjs/core");
const { Idempotent, NodeIdempotencyModule, StorageAdapterEnum } = require("@node-idempotency/nestjs");
const { Merchant, Refusal, authenticate, optionsOf } = require("./merchant.js");

const { port, provider, book, redis } = optionsOf(["port", "provider", "book", "redis"]);
const keyStore = redis.startsWith("/") ? { socket: { path: redis } } : { url: redis };
const merchant = new Merchant({ provider, book });

// A refusal as NestJS knows it.
async function told(work) {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refusal ? new HttpException(error.message, error.status) : error;
  }
}

class Payments {
  pay(body, request) {
    return told(() => merchant.pay(body, request.account));
  }
  refund(body, request) {
    return told(() => merchant.refund(body, request.account));
  }
}

class Books {
  ready() {
    return "ready";
  }
  find(id, request) {
    return told(() => merchant.find(id, request.account));
  }
  remove(id, request) {
    return told(() => merchant.remove(id, request.account));
  }
}

// What `@decorator` before a method, and `@parameter` in front of each of its parameters, would do.
function decorate(Class, name, decorators, parameters) {
  parameters.forEach((parameter, index) => parameter(Class.prototype, name, index));
  Reflect.decorate(decorators, Class.prototype, name, Object.getOwnPropertyDescriptor(Class.prototype, name));
}

decorate(Payments, "pay", [Post("payments")], [Body(), Req()]);
decorate(Payments, "refund", [Post("refunds")], [Body(), Req()]);
Reflect.decorate([Controller(), Idempotent({})], Payments);

decorate(Books, "ready", [Get("readyz")], []);
decorate(Books, "find", [Get("payments/:id")], [Param("id"), Req()]);
decorate(Books, "remove", [Delete("payments/:id"), HttpCode(204)], [Param("id"), Req()]);
Reflect.decorate([Controller()], Books);

class App {}
Reflect.decorate(
  [
    Module({
      imports: [NodeIdempotencyModule.forRootAsync({ storage: { adapter: StorageAdapterEnum.redis, options: keyStore } })],
      controllers: [Payments, Books],
    }),
  ],
  App,
);

NestFactory.create(App, { logger: ["error", "warn"] })
  .then(async (app) => {
    app.use(authenticate);
    await app.listen(Number(port), "127.0.0.1");
    return app.getUrl();
  })
  .then((url) => console.log(`listens on ${url}`))
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
