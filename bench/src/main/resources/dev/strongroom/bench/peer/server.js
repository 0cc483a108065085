// onnxruntime-node behind @grpc/grpc-js with the public Open Inference Protocol, as anybody would write it; raw contents
// only. Usage, in a folder with node_modules: node server.js PROTO NAME=FILE.onnx ... Says its port on standard output.
'use strict';
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const ort = require('onnxruntime-node');

const MESSAGE_BYTES = 64 << 20;
const TYPES = {
  FP32: { name: 'float32', Values: Float32Array },
  INT64: { name: 'int64', Values: BigInt64Array },
};
const DATATYPES = { float32: 'FP32', int64: 'INT64' };

const [proto, ...models] = process.argv.slice(2);
const sessions = new Map();

function tensor(input, raw) {
  const { name, Values } = TYPES[input.datatype];
  const aligned = raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength);
  return new ort.Tensor(name, new Values(aligned), input.shape);
}

async function infer(call, answer) {
  const { model_name: model, id, inputs, raw_input_contents: raw } = call.request;
  const session = sessions.get(model);
  if (!session) {
    answer({ code: grpc.status.NOT_FOUND, details: 'no such model' });
    return;
  }
  try {
    const feeds = Object.fromEntries(inputs.map((input, i) => [input.name, tensor(input, raw[i])]));
    const results = Object.entries(await session.run(feeds));
    answer(null, {
      model_name: model,
      id,
      outputs: results.map(([name, { type, dims }]) => ({ name, datatype: DATATYPES[type], shape: dims })),
      raw_output_contents: results.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
    });
  } catch (error) {
    answer({ code: grpc.status.INVALID_ARGUMENT, details: String(error.message) });
  }
}

async function main() {
  for (const model of models) {
    const [name, file] = model.split('=', 2);
    sessions.set(name, await ort.InferenceSession.create(file));
  }
  const definition = loader.loadSync(proto, { keepCase: true, longs: Number, defaults: true });
  const { GRPCInferenceService } = grpc.loadPackageDefinition(definition).inference;
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES,
    'grpc.max_send_message_length': MESSAGE_BYTES,
  });
  server.addService(GRPCInferenceService.service, { ModelInfer: infer });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      throw error;
    }
    console.log(port);
  });
  process.stdin.on('end', () => process.exit(0)).resume();
}

main();
