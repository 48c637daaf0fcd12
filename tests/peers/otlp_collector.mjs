// What `squall hit --otlp` sends, decoded by the messages that OpenTelemetry's own exporters are made with (protobufjs, generated
// from opentelemetry-proto), and held against the requests that a target saw.
// Run by ci/peers: node otlp_collector.mjs PACKAGE SQUALL
//   PACKAGE: the directory of @opentelemetry/otlp-transformer
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

const [packageDirectory, squall] = process.argv.slice(2);
const root = createRequire(import.meta.url)(path.join(packageDirectory, "build/src/generated/root.js"));
const collector = root.opentelemetry.proto.collector;
const messages = {
  "/v1/traces": collector.trace.v1.ExportTraceServiceRequest,
  "/v1/metrics": collector.metrics.v1.ExportMetricsServiceRequest,
};
const kOperations = 60;

// OTLP's JSON has ids in hexadecimal where proto3's has base64: the one difference between the two.
function withBase64Ids(value, key) {
  if (Array.isArray(value)) return value.map((one) => withBase64Ids(one));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withBase64Ids(one, name)]));
  }
  const digits = { traceId: 32, spanId: 16 }[key];
  if (digits === undefined) return value;
  assert.match(value, new RegExp(`^[0-9a-f]{${digits}}$`), key);
  return Buffer.from(value, "hex").toString("base64");
}

// Through the messages and over the wire format and back. What comes out is what went in, or a field was unknown, had another type
// or another form.
function decode(Message, body) {
  const sent = withBase64Ids(JSON.parse(body));
  const message = Message.fromObject(sent);
  assert.equal(Message.verify(message), null);
  const received = Message.decode(Message.encode(message).finish());
  assert.deepEqual(Message.toObject(received, { longs: String, bytes: String }), sent);
  return received;
}

const listen = (server) => new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
function read(request) {
  return new Promise((resolve) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => resolve(Buffer.concat(parts).toString()));
  });
}

const requests = []; // that the target saw: {key, traceparent}
const target = http.createServer((request, response) => {
  requests.push({ key: request.headers["idempotency-key"], traceparent: request.headers.traceparent });
  response.writeHead(requests.length % 5 === 0 ? 404 : 200).end("hi");
});
const bodies = { "/v1/traces": [], "/v1/metrics": [] };
const receiver = http.createServer(async (request, response) => {
  const body = await read(request);
  if (request.method !== "POST" || request.headers["content-type"] !== "application/json" || !bodies[request.url]) {
    response.writeHead(415).end();
    return;
  }
  bodies[request.url].push(body);
  response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
});

const attribute = (of, key) => of.attributes.filter((one) => one.key === key).map((one) => one.value)[0];
const hex = (bytes) => Buffer.from(bytes).toString("hex");

function checkSpans(record) {
  const documents = bodies["/v1/traces"].map((body) => decode(messages["/v1/traces"], body));
  const spans = documents.flatMap((document) => document.resourceSpans.flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)));
  assert.equal(spans.length, kOperations);
  const byTrace = new Map(spans.map((span) => [hex(span.traceId), span]));
  assert.equal(byTrace.size, kOperations);
  for (const { key, traceparent } of requests) {
    const trace = key.replaceAll("-", "");
    const span = byTrace.get(trace);
    assert.ok(span, `no span for ${key}`);
    assert.equal(traceparent, `00-${trace}-${hex(span.spanId)}-01`);
  }
  const failed = spans.filter((span) => span.status?.code === 2);
  assert.equal(failed.length, kOperations / 5);
  for (const span of spans) {
    assert.equal(span.kind, 3);
    assert.equal(span.parentSpanId?.length ?? 0, 0);
    assert.ok(span.endTimeUnixNano.gte(span.startTimeUnixNano));
    const status = attribute(span, "http.response.status_code").intValue.toNumber();
    assert.equal(status, failed.includes(span) ? 404 : 200);
  }
  for (const { resource } of documents.flatMap((document) => document.resourceSpans)) {
    assert.equal(attribute(resource, "service.name").stringValue, "squall");
    assert.equal(attribute(resource, "squall.run_id").stringValue, record.run_id);
  }
}

function checkFigures() {
  const documents = bodies["/v1/metrics"].map((body) => decode(messages["/v1/metrics"], body));
  const last = documents.at(-1).resourceMetrics[0].scopeMetrics[0].metrics;
  const named = (name) => last.find((metric) => metric.name === name);
  const count = (name) => named(name).sum.dataPoints[0].asInt.toNumber();
  assert.equal(count("squall.arrivals.due"), kOperations);
  assert.equal(count("squall.operations.acked"), (kOperations * 4) / 5);
  assert.equal(count("squall.operations.not_acked"), kOperations / 5);
  const { histogram } = named("squall.operation.response");
  assert.equal(histogram.aggregationTemporality, 2);
  for (const point of histogram.dataPoints) {
    assert.equal(point.bucketCounts.length, point.explicitBounds.length + 1);
    assert.equal(point.bucketCounts.reduce((sum, one) => sum + one.toNumber(), 0), point.count.toNumber());
  }
  assert.equal(histogram.dataPoints.reduce((sum, point) => sum + point.count.toNumber(), 0), kOperations);
}

const directory = mkdtempSync(path.join(tmpdir(), "squall-otlp-"));
try {
  const [targetPort, receiverPort] = await Promise.all([listen(target), listen(receiver)]);
  const run = spawn(
    path.resolve(squall),
    ["hit", `http://127.0.0.1:${targetPort}/`, "-r", "40/s", "-n", `${kOperations}`, "-m", "POST", "-H", "Idempotency-Key: {{key}}",
      "--no-preflight", "--set", "limits.lag_p99=10s", "--set", "limits.started=1%", "--out", "run",
      "--otlp", `http://127.0.0.1:${receiverPort}`],
    { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
  const errors = read(run.stderr);
  const code = await new Promise((resolve) => run.on("exit", resolve));
  assert.equal(code, 0, await errors);
  assert.doesNotMatch(await errors, /--otlp/);
  checkSpans(JSON.parse(readFileSync(path.join(directory, "run/record.json"))));
  checkFigures();
  console.log(`${bodies["/v1/traces"].length} bodies of spans, ${bodies["/v1/metrics"].length} of figures: ok`);
} finally {
  target.close();
  receiver.close();
  rmSync(directory, { recursive: true });
}
