/** Protected memory, posture, leases and loading. */
module dev.strongroom.enclave {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires transitive dev.strongroom.attestation;
    requires transitive dev.strongroom.crypto;
    requires transitive dev.strongroom.proto;
    requires io.grpc.netty.shaded;
    requires org.slf4j;
}
