/** A software chip, a SoftHSM2 fixture and a plaintext hunt: for tests and the simulated world. */
module dev.strongroom.testkit {
    requires static org.jspecify;
    requires transitive dev.strongroom.attestation;
    requires transitive io.grpc;
    requires transitive com.google.protobuf;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;

    exports dev.strongroom.testkit;
    exports dev.strongroom.testkit.hunt;
    exports dev.strongroom.testkit.rpc;
    exports dev.strongroom.testkit.softhsm;
}
