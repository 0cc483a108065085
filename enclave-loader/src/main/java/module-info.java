/** Protected memory, posture, leases and loading. */
module dev.strongroom.enclave {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires transitive dev.strongroom.attestation;
    requires transitive dev.strongroom.crypto;
    requires transitive dev.strongroom.fingerprint;
    requires transitive dev.strongroom.proto;
    requires io.grpc.netty.shaded;
    requires org.bouncycastle.provider;
    requires proto.google.common.protos; // google.rpc.ErrorInfo
    requires org.slf4j;
    requires java.management;
    requires jdk.management;

    exports dev.strongroom.enclave.lease to
            dev.strongroom.serving;
    exports dev.strongroom.enclave.load to
            dev.strongroom.serving;
    exports dev.strongroom.enclave.memory to
            dev.strongroom.serving;
    exports dev.strongroom.enclave.posture to
            dev.strongroom.serving;
    exports dev.strongroom.enclave.reseal to
            dev.strongroom.serving;
}
