# What any program does that has grpcio and the protocol's stubs: usage: oip.py ADDRESS CONTEXT STUBS
# (CONTEXT: the folder with ca.pem, cert.pem and key.pem; STUBS: generated from the protocol).
import struct
import sys

import grpc

address, context, stubs = sys.argv[1:4]
sys.path.insert(0, stubs)
import grpc_service_pb2 as pb
import grpc_service_pb2_grpc as rpc

MODEL = "acme/simple"
ROW = list(range(16))


def file(name):
    with open(context + "/" + name, "rb") as f:
        return f.read()


def node(credentials):
    return rpc.GRPCInferenceServiceStub(grpc.secure_channel(address, credentials))


def numbers(raw):
    return list(struct.unpack("<%di" % (len(raw) // 4), raw))


def request(**more):
    message = pb.ModelInferRequest(model_name=MODEL, id="q-7", **more)
    for name in ("INPUT0", "INPUT1"):
        message.inputs.add(name=name, datatype="INT32", shape=[1, 16])
    return message


def typed(**more):
    message = request(**more)
    message.inputs[0].contents.int_contents.extend(ROW)
    message.inputs[1].contents.int_contents.extend([1] * 16)
    return message


def raw(**more):
    message = request(**more)
    message.raw_input_contents.append(struct.pack("<16i", *ROW))
    message.raw_input_contents.append(struct.pack("<16i", *[1] * 16))
    return message


def refused(message, code, stub=None, **options):
    try:
        (stub or client).ModelInfer(message, **options)
    except grpc.RpcError as e:
        assert e.code() == code, (e.code(), e.details())
        return
    raise AssertionError("answered what was to be refused as %s" % code)


def damaged(damage, message=None):
    message = message or typed()
    damage(message)
    return message


client = node(grpc.ssl_channel_credentials(file("ca.pem"), file("key.pem"), file("cert.pem")))

assert client.ServerLive(pb.ServerLiveRequest()).live
assert client.ServerReady(pb.ServerReadyRequest()).ready
assert client.ModelReady(pb.ModelReadyRequest(name=MODEL)).ready
assert client.ModelReady(pb.ModelReadyRequest(name=MODEL, version="1")).ready
assert client.ServerMetadata(pb.ServerMetadataRequest()).name == "strongroom"
metadata = client.ModelMetadata(pb.ModelMetadataRequest(name=MODEL))
assert metadata.platform == "onnx_onnxv1" and metadata.versions == ["1"], metadata
assert [(t.name, t.datatype, list(t.shape)) for t in metadata.inputs] == [
    ("INPUT0", "INT32", [-1, 16]),
    ("INPUT1", "INT32", [-1, 16]),
], metadata

for message in (typed(), raw(), raw(model_version="1")):
    answer = client.ModelInfer(message)
    assert (answer.model_name, answer.model_version, answer.id) == (MODEL, "1", "q-7"), answer
    assert [o.name for o in answer.outputs] == ["OUTPUT0", "OUTPUT1"], answer
    assert list(answer.outputs[0].shape) == [1, 16]
    assert numbers(answer.raw_output_contents[0]) == [i + 1 for i in ROW], answer
    assert numbers(answer.raw_output_contents[1]) == [i - 1 for i in ROW], answer

message = typed()
message.outputs.add(name="OUTPUT1")
message.parameters["binary_data_output"].bool_param = False
answer = client.ModelInfer(message)
assert list(answer.outputs[0].contents.int_contents) == [i - 1 for i in ROW], answer
assert len(answer.outputs) == 1 and not answer.raw_output_contents

BAD = grpc.StatusCode.INVALID_ARGUMENT
refused(damaged(lambda m: setattr(m, "model_name", "acme/other")), grpc.StatusCode.NOT_FOUND)
refused(damaged(lambda m: setattr(m, "model_version", "9")), grpc.StatusCode.NOT_FOUND)
refused(damaged(lambda m: m.inputs.pop()), BAD)
refused(damaged(lambda m: m.inputs.append(m.inputs[0])), BAD)
refused(damaged(lambda m: setattr(m.inputs[0], "name", "INPUT2")), BAD)
refused(damaged(lambda m: setattr(m.inputs[0], "datatype", "INT64")), BAD)
refused(damaged(lambda m: m.inputs[0].shape.append(1)), BAD)
refused(damaged(lambda m: m.inputs[0].shape.__setitem__(0, -1)), BAD)
refused(damaged(lambda m: m.inputs[0].shape.__setitem__(0, 2**62)), BAD)
refused(damaged(lambda m: m.inputs[0].contents.int_contents.pop()), BAD)
refused(damaged(lambda m: m.raw_input_contents.append(b"")), BAD)
refused(damaged(lambda m: m.raw_input_contents.pop(), raw()), BAD)
refused(damaged(lambda m: m.raw_input_contents.__setitem__(0, b"abc"), raw()), BAD)
refused(damaged(lambda m: m.outputs.add(name="OUTPUT2")), BAD)
refused(typed(), grpc.StatusCode.DEADLINE_EXCEEDED, timeout=0.000001)
anonymous = node(grpc.ssl_channel_credentials(file("ca.pem")))
refused(typed(), grpc.StatusCode.UNAUTHENTICATED, anonymous)


def questions():
    for i in range(20):
        question = raw()
        question.id = str(i)
        if i == 10:
            question.model_name = "acme/other"
        yield question


answers = list(client.ModelStreamInfer(questions()))
assert [a.infer_response.id for a in answers] == [str(i) for i in range(20)]
assert [bool(a.error_message) for a in answers] == [i == 10 for i in range(20)]
print("ok", grpc.__version__)
