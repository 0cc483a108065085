/** Cosigns checkpoints of logs that only grow. */
module dev.strongroom.witness {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires dev.strongroom.config;
    requires dev.strongroom.crypto;
    requires jdk.httpserver;
    requires org.slf4j;
    requires tools.jackson.databind;
}
