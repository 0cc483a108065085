/** Evidence in, trust or refusal out. Depends on nothing but the JDK. */
module dev.strongroom.attestation {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires java.xml.crypto; // signatures of reference manifests

    exports dev.strongroom.attestation;
    exports dev.strongroom.attestation.azure;
    exports dev.strongroom.attestation.encoding;
    exports dev.strongroom.attestation.nitro;
    exports dev.strongroom.attestation.nvidia;
    exports dev.strongroom.attestation.policy;
    exports dev.strongroom.attestation.snp;
    exports dev.strongroom.attestation.tpm;
    exports dev.strongroom.attestation.tdx;

    // Evidence is asked for where a node runs; the test chip stands in for that machine.
    exports dev.strongroom.attestation.guest to
            dev.strongroom.enclave,
            dev.strongroom.serving,
            dev.strongroom.ops,
            dev.strongroom.sim,
            dev.strongroom.testkit;

    // The only way to a test root: no production module can name it.
    exports dev.strongroom.attestation.simulated to
            dev.strongroom.testkit;
}
