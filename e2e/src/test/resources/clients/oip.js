// What any program does that has @grpc/grpc-js and the protocol: usage: node oip.js ADDRESS CONTEXT PROTO
// (CONTEXT: the folder with ca.pem, cert.pem and key.pem).
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { createRequire } = require('node:module');

const packages = createRequire(path.join(process.cwd(), 'package.json'));
const grpc = packages('@grpc/grpc-js');
const loader = packages('@grpc/proto-loader');

const [address, context, proto] = process.argv.slice(2);
const definition = loader.loadSync(proto, { keepCase: true, longs: String, defaults: true });
const service = grpc.loadPackageDefinition(definition).inference.GRPCInferenceService;
const file = (name) => fs.readFileSync(path.join(context, name));
const MODEL = 'acme/simple';
const row = Array.from({ length: 16 }, (_, i) => i);

function node(credentials) {
  const client = new service(address, credentials);
  const call = (method) => promisify(client[method].bind(client));
  return {
    client,
    live: call('ServerLive'),
    ready: call('ServerReady'),
    modelReady: call('ModelReady'),
    metadata: call('ModelMetadata'),
    infer: call('ModelInfer'),
  };
}

function typed(more) {
  const input = (name, values) =>
      ({ name, datatype: 'INT32', shape: [1, 16], contents: { int_contents: values } });
  return {
    model_name: MODEL,
    id: 'q-7',
    inputs: [input('INPUT0', row), input('INPUT1', row.map(() => 1))],
    ...more,
  };
}

function raw(more) {
  const bytes = (values) => Buffer.from(Int32Array.from(values).buffer);
  const input = (name) => ({ name, datatype: 'INT32', shape: [1, 16] });
  return {
    model_name: MODEL,
    id: 'q-7',
    inputs: [input('INPUT0'), input('INPUT1')],
    raw_input_contents: [bytes(row), bytes(row.map(() => 1))],
    ...more,
  };
}

function numbers(buffer) {
  return row.map((i) => buffer.readInt32LE(4 * i));
}

async function refused(server, request, code) {
  await assert.rejects(server.infer(request), (e) => {
    assert.strictEqual(e.code, code, e.details);
    return true;
  });
}

async function stream(server) {
  const call = server.client.ModelStreamInfer();
  const answers = [];
  const ended = new Promise((resolve, reject) => {
    call.on('data', (answer) => answers.push(answer));
    call.on('end', resolve);
    call.on('error', reject);
  });
  for (let i = 0; i < 20; i++) {
    call.write(raw({ id: String(i), model_name: i === 10 ? 'acme/other' : MODEL }));
  }
  call.end();
  await ended;
  assert.deepStrictEqual(
      answers.map((a) => a.infer_response.id), Array.from({ length: 20 }, (_, i) => String(i)));
  answers.forEach((a, i) => assert.strictEqual(a.error_message !== '', i === 10));
}

async function main() {
  const server =
      node(grpc.credentials.createSsl(file('ca.pem'), file('key.pem'), file('cert.pem')));
  assert((await server.live({})).live);
  assert((await server.ready({})).ready);
  assert((await server.modelReady({ name: MODEL, version: '1' })).ready);
  const metadata = await server.metadata({ name: MODEL });
  assert.deepStrictEqual(metadata.versions, ['1']);
  assert.deepStrictEqual(
      metadata.inputs[0], { name: 'INPUT0', datatype: 'INT32', shape: ['-1', '16'] });

  for (const request of [typed(), raw(), raw({ model_version: '1' })]) {
    const answer = await server.infer(request);
    assert.strictEqual(answer.id, 'q-7');
    assert.strictEqual(answer.model_version, '1');
    assert.deepStrictEqual(answer.outputs.map((o) => o.name), ['OUTPUT0', 'OUTPUT1']);
    assert.deepStrictEqual(numbers(answer.raw_output_contents[0]), row.map((i) => i + 1));
    assert.deepStrictEqual(numbers(answer.raw_output_contents[1]), row.map((i) => i - 1));
  }
  const named = await server.infer(typed({
    outputs: [{ name: 'OUTPUT1' }],
    parameters: { binary_data_output: { bool_param: false } },
  }));
  assert.deepStrictEqual(named.outputs[0].contents.int_contents, row.map((i) => i - 1));

  await refused(server, typed({ model_name: 'acme/other' }), grpc.status.NOT_FOUND);
  await refused(server, typed({ model_version: '9' }), grpc.status.NOT_FOUND);
  await refused(server, typed({ inputs: typed().inputs.slice(1) }), grpc.status.INVALID_ARGUMENT);
  await refused(
      server, typed({ outputs: [{ name: 'OUTPUT2' }] }), grpc.status.INVALID_ARGUMENT);
  await refused(
      server, raw({ raw_input_contents: [Buffer.alloc(64)] }), grpc.status.INVALID_ARGUMENT);
  await refused(
      node(grpc.credentials.createSsl(file('ca.pem'))), typed(), grpc.status.UNAUTHENTICATED);
  await stream(server);
  console.log('ok', packages('@grpc/grpc-js/package.json').version);
  process.exit(0);
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
