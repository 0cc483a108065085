/** The strongroom command. */
module dev.strongroom.ops {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires transitive dev.strongroom.attestation;
    requires dev.strongroom.client;
    requires dev.strongroom.crypto;
    requires info.picocli;
    requires me.tongfei.progressbar;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;
    requires org.slf4j;

    exports dev.strongroom.ops to
            dev.strongroom.sim;

    opens dev.strongroom.ops to
            info.picocli;
}
