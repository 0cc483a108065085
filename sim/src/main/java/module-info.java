/** The simulated world: the same vault, node and command line with the test chip and its root. */
module dev.strongroom.sim {
    requires static org.jspecify;
    requires dev.strongroom.agent;
    requires dev.strongroom.attestation;
    requires dev.strongroom.client;
    requires dev.strongroom.crypto;
    requires dev.strongroom.proto;
    requires dev.strongroom.testkit;
    requires dev.strongroom.vault;
    requires dev.strongroom.serving;
    requires dev.strongroom.ops;
    requires com.microsoft.onnxruntime;
    requires tools.jackson.databind;
}
