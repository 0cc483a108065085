/** ONNX Runtime over protected memory behind the Open Inference Protocol. */
module dev.strongroom.serving {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires transitive dev.strongroom.attestation;
    requires dev.strongroom.config;
    requires dev.strongroom.enclave;
    requires dev.strongroom.proto;
    requires io.github.bucket4j.core;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires io.grpc.netty.shaded;
    requires io.netty.common;
    requires io.netty.transport;
    requires io.vertx.core;
    requires proto.google.common.protos; // google.rpc.ErrorInfo
    requires com.microsoft.onnxruntime;
    requires java.management;
    requires jdk.management; // the machine's memory
    requires jdk.unsupported; // sun.misc.Signal
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires org.slf4j;

    opens dev.strongroom.serving to
            tools.jackson.databind;

    exports dev.strongroom.serving to
            dev.strongroom.sim;
}
