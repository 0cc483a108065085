/** Seals and pushes models, verifies nodes, infers. */
module dev.strongroom.client {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires transitive dev.strongroom.attestation;
    requires transitive dev.strongroom.crypto;
    requires transitive dev.strongroom.fingerprint;
    requires transitive dev.strongroom.proto;
    requires io.grpc.netty.shaded;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;
    requires com.microsoft.onnxruntime;
    requires proto.google.common.protos; // google.rpc.ErrorInfo
    requires org.slf4j;

    exports dev.strongroom.client;
    exports dev.strongroom.client.trace;

    // The demo and the end-to-end tests prepare a second time, to compare with and to look for.
    exports dev.strongroom.client.prepare to
            dev.strongroom.sim;
}
