/** Keeps second parts of split content keys, releases them to attested nodes. */
module dev.strongroom.agent {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires transitive dev.strongroom.attestation;
    requires dev.strongroom.config;
    requires dev.strongroom.crypto;
    requires dev.strongroom.proto;
    requires io.grpc.netty.shaded;
    requires org.bouncycastle.provider;
    requires org.slf4j;
    requires proto.google.common.protos; // google.rpc.ErrorInfo
    requires tools.jackson.databind;

    exports dev.strongroom.agent to
            dev.strongroom.sim;
}
