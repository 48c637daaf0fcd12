// Every public method of toxiproxy-node-client and every toxic of Toxiproxy against a proxy of squall, seen from real sockets.
// Run by ci/peers: node toxiproxy_node_client.mjs PACKAGE CONTROL-API-URL
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import net from "node:net";

const [packageDirectory, url] = process.argv.slice(2);
const { Toxiproxy, Proxy, Toxic, ToxiproxyError } = createRequire(import.meta.url)(packageDirectory);
const client = new Toxiproxy(url);

const kLimit = 10_000; // ms; nothing here takes a second
const kib = (count, byte = "x") => Buffer.alloc(count * 1024, byte);

// A promise that fails loudly instead of never.
function within(promise, what) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${kLimit} ms`)), kLimit);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

// What a socket receives, and how it ends: "end" for FIN, "reset" for RST.
class End {
  constructor(socket) {
    this.socket = socket;
    this.received = Buffer.alloc(0);
    this.ended = null;
    this.waiting = [];
    socket.on("data", (bytes) => this.#change(() => (this.received = Buffer.concat([this.received, bytes]))));
    socket.on("end", () => this.#change(() => (this.ended ??= "end")));
    socket.on("error", (error) => this.#change(() => (this.ended = error.code === "ECONNRESET" ? "reset" : error.code)));
    socket.on("close", () => this.#change(() => (this.ended ??= "close")));
  }
  #change(action) {
    action();
    this.waiting = this.waiting.filter((check) => !check());
  }
  until(condition, what) {
    return within(new Promise((resolve) => {
      const check = () => condition(this) && (resolve(this), true);
      if (!check()) this.waiting.push(check);
    }), what);
  }
  bytes(count) { return this.until((end) => end.received.length >= count, `${count} bytes`); }
  over() { return this.until((end) => end.ended !== null, "the end of a connection"); }
  write(bytes) { this.socket.write(bytes); }
}

// The server behind the proxies: its ends in the order of the connections.
const accepted = [];
const claims = [];
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  const end = new End(socket);
  if (claims.length > 0) claims.shift()(end); else accepted.push(end);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const upstream = `127.0.0.1:${server.address().port}`;
const nextAccepted = () => within(new Promise((resolve) => {
  if (accepted.length > 0) resolve(accepted.shift()); else claims.push(resolve);
}), "a connection at the server");

function portOf(proxy) { return Number(proxy.listen.slice(proxy.listen.lastIndexOf(":") + 1)); }
// Both ends of a new connection through the proxy.
async function connect(proxy) {
  const there = nextAccepted();
  const here = new End(net.connect({ port: portOf(proxy), host: "127.0.0.1", allowHalfOpen: true }));
  return { here, there: await there };
}
function closeBoth({ here, there }) { here.socket.destroy(); there.socket.destroy(); }

async function refused(call, text) {
  await assert.rejects(call, (error) => error instanceof ToxiproxyError && error.message.includes(text), text);
}

// Milliseconds that something takes.
async function timed(action) {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

async function withToxic(proxy, body, effect) {
  const toxic = await proxy.addToxic(body);
  assert.ok(toxic instanceof Toxic);
  assert.equal(toxic.type, body.type);
  const pair = await connect(proxy);
  try {
    await effect(pair, toxic);
  } finally {
    closeBoth(pair);
  }
  await toxic.remove();
  await refused(proxy.getToxic(toxic.name), "404");
}

const tests = {
  async "the client itself"() {
    assert.equal(client.host, url);
    assert.ok(client.getApi());
    assert.match(JSON.parse(await client.getVersion()).version, /^\d+\.\d+\.\d+$/);
  },

  async "proxies: create, get, getAll, update, remove"() {
    const proxy = await client.createProxy({ name: "one", listen: "localhost:0", upstream });
    assert.ok(proxy instanceof Proxy);
    assert.equal(proxy.getToxiproxy(), client);
    assert.equal(proxy.getHost(), url);
    assert.equal(proxy.getPath(), `${url}/proxies/one`);
    assert.match(proxy.listen, /^127\.0\.0\.1:[1-9]\d*$/);
    assert.deepEqual(proxy.toJson(), { name: "one", listen: proxy.listen, upstream, enabled: true });
    assert.deepEqual((await client.get("one")).toJson(), proxy.toJson());
    assert.deepEqual(Object.keys(await client.getAll()), ["one"]);
    await refused(client.createProxy({ name: "one", listen: "localhost:0", upstream }), "409");
    await refused(client.createProxy({ name: "", listen: "localhost:0", upstream }), "400");
    await refused(client.createProxy({ name: "two", listen: proxy.listen, upstream }), "500");

    const pair = await connect(proxy);
    pair.here.write("question");
    await pair.there.bytes(8);
    pair.there.write("answer");
    await pair.here.bytes(6);
    const disabled = await proxy.update({ enabled: false, listen: proxy.listen, upstream });
    assert.equal(disabled.enabled, false);
    await pair.here.over();
    const refusal = await new End(net.connect(portOf(proxy), "127.0.0.1")).over();
    assert.equal(refusal.ended, "ECONNREFUSED");
    const enabled = await disabled.update({ enabled: true, listen: proxy.listen, upstream });
    assert.equal(enabled.listen, proxy.listen);
    closeBoth(await connect(enabled));
    await enabled.remove();
    await refused(client.get("one"), "404");
    await refused(enabled.remove(), "404");
  },

  async "populate and reset"() {
    const made = await client.populate([
      { name: "b", listen: "localhost:0", upstream },
      { name: "a", listen: "localhost:0", upstream, enabled: false },
    ]);
    assert.deepEqual(Object.keys(made), ["b", "a"]);
    assert.equal(made.b.enabled, true);
    assert.equal(made.a.enabled, false);
    await made.b.addToxic({ type: "latency", attributes: { latency: 1 } });
    await client.reset();
    const all = await client.getAll();
    assert.equal(all.a.enabled, true);
    await refused(all.b.getToxic("latency_downstream"), "404");
    await refused(client.populate([{ name: "c" }]), "400");
    for (const proxy of Object.values(all)) await proxy.remove();
    assert.deepEqual(await client.getAll(), {});
  },

  async "toxics: add, get, update, toJson, remove"() {
    const proxy = await client.createProxy({ name: "toxics", listen: "localhost:0", upstream });
    const toxic = await proxy.addToxic({ type: "latency", toxicity: 0.2, stream: "upstream", attributes: { latency: 7, jitter: 3 } });
    assert.equal(toxic.getPath(), `${url}/proxies/toxics/toxics/latency_upstream`);
    const json = { name: "latency_upstream", type: "latency", stream: "upstream", toxicity: 0.2, attributes: { latency: 7, jitter: 3 } };
    assert.deepEqual(toxic.toJson(), json);
    assert.deepEqual((await proxy.getToxic("latency_upstream")).toJson(), json);
    const updated = await toxic.update({ attributes: { latency: 9 }, toxicity: 1 });
    assert.deepEqual(updated.toJson(), { ...json, toxicity: 1, attributes: { latency: 9, jitter: 3 } });
    await refused(proxy.addToxic({ type: "latency", stream: "upstream", attributes: {} }), "409");
    await refused(proxy.addToxic({ type: "poison", attributes: {} }), "400");
    await refused(proxy.addToxic({ type: "latency", stream: "sideways", attributes: {} }), "400");
    await toxic.remove();
    await refused(toxic.remove(), "404");
    await proxy.remove();
  },

  async latency(proxy) {
    await withToxic(proxy, { type: "latency", attributes: { latency: 150, jitter: 0 } }, async ({ here, there }, toxic) => {
      there.write("late");
      assert.ok(await timed(() => here.bytes(4)) >= 140);
      await toxic.update({ attributes: { latency: 0 } });
    });
  },

  async bandwidth(proxy) {
    // 100 kB/s: 20 kB take 200 ms.
    await withToxic(proxy, { type: "bandwidth", stream: "upstream", attributes: { rate: 100 } }, async ({ here, there }) => {
      here.write(Buffer.alloc(20_000, "x"));
      assert.ok(await timed(() => there.bytes(20_000)) >= 140);
    });
  },

  async slow_close(proxy) {
    await withToxic(proxy, { type: "slow_close", attributes: { delay: 150 } }, async ({ here, there }) => {
      there.write("all of it");
      there.socket.end();
      assert.ok(await timed(() => here.over()) >= 140);
      assert.equal(here.received.toString(), "all of it");
    });
  },

  async timeout(proxy) {
    await withToxic(proxy, { type: "timeout", attributes: { timeout: 100 } }, async ({ here, there }) => {
      there.write("lost");
      await here.over();
      assert.equal(here.received.length, 0);
    });
    // Without an end of its own: deleting it closes the connection.
    const toxic = await proxy.addToxic({ type: "timeout", attributes: { timeout: 0 } });
    const pair = await connect(proxy);
    pair.there.write("lost");
    await toxic.remove();
    await pair.here.over();
    assert.equal(pair.here.received.length, 0);
    closeBoth(pair);
  },

  async reset_peer(proxy) {
    await withToxic(proxy, { type: "reset_peer", attributes: { timeout: 0 } }, async ({ here, there }) => {
      there.write("trigger");
      await here.over();
      assert.equal(here.ended, "reset");
    });
  },

  async slicer(proxy) {
    await withToxic(proxy, { type: "slicer", attributes: { average_size: 512, size_variation: 64, delay: 10 } }, async ({ here, there }) => {
      const sent = kib(16);
      for (let i = 0; i < sent.length; ++i) sent[i] = i % 251;
      there.write(sent);
      await here.bytes(sent.length);
      assert.ok(here.received.equals(sent));
    });
  },

  async limit_data(proxy) {
    await withToxic(proxy, { type: "limit_data", attributes: { bytes: 1000 } }, async ({ here, there }) => {
      there.write(kib(4));
      await here.over();
      assert.equal(here.received.length, 1000);
    });
  },

  async noop(proxy) {
    await withToxic(proxy, { type: "noop", attributes: {} }, async ({ here, there }) => {
      there.write("as it is");
      await here.bytes(8);
      assert.equal(here.received.toString(), "as it is");
    });
  },

  async packet_loss(proxy) {
    await withToxic(proxy, { type: "packet_loss", attributes: { loss_rate: 1, correlation: 0 } }, async ({ here, there }, toxic) => {
      there.write("lost");
      // The update is carried out between events of the proxy; what was lost before it stays lost.
      await lostAll(proxy, toxic.name);
      await toxic.update({ attributes: { loss_rate: 0 } });
      there.write("found");
      await here.bytes(5);
      assert.equal(here.received.toString(), "found");
    });
  },

  async "toxicity 0 touches nothing"(proxy) {
    await withToxic(proxy, { type: "reset_peer", toxicity: 0, attributes: { timeout: 0 } }, async ({ here, there }) => {
      there.write("whole");
      await here.bytes(5);
      there.socket.end();
      await here.over();
      assert.equal(here.ended, "end");
    });
  },
};

// Waits until the toxic has fired: squall counts it.
async function lostAll(proxy, toxic) {
  const until = performance.now() + kLimit;
  for (;;) {
    const shown = await (await fetch(`${proxy.getPath()}/toxics/${toxic}`)).json();
    if (shown.fired > 0) return;
    assert.ok(performance.now() < until, "the toxic never fired");
  }
}

let failures = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    if (test.length > 0) {
      const proxy = await client.createProxy({ name: "target", listen: "localhost:0", upstream });
      try { await test(proxy); } finally { await proxy.remove(); }
    } else {
      await test();
    }
    console.log(`ok      ${name}`);
  } catch (error) {
    ++failures;
    console.log(`FAILED  ${name}\n${error.stack}`);
    for (const proxy of Object.values(await client.getAll())) await proxy.remove();
  }
}
server.close();
console.log(failures === 0 ? `${Object.keys(tests).length} passed` : `${failures} of ${Object.keys(tests).length} failed`);
process.exit(failures === 0 ? 0 : 1);
