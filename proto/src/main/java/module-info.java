/** Generated messages and stubs, nothing else. */
module dev.strongroom.proto {
    requires transitive com.google.protobuf;
    requires transitive io.grpc;
    requires transitive io.grpc.stub;
    requires transitive io.grpc.protobuf;
    requires com.google.common;

    exports dev.strongroom.proto.v1;
    exports dev.strongroom.proto.health;
    exports dev.strongroom.proto.inference;
    exports dev.strongroom.proto.onnx;
    exports dev.strongroom.proto.reflection;
}
